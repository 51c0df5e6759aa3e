"""Just enough of Airflow to import DAGs where Airflow is not installed.

Constructors name every parameter of the real ones (Airflow 3.3.2, apache-spark provider 6.3.4, cncf-kubernetes provider
10.25.0), so that an argument that Airflow does not know is an error here too.
"""
