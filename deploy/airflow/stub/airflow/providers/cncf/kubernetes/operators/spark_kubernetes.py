from airflow.sdk import BaseOperator


class SparkKubernetesOperator(BaseOperator):
    template_fields = ("application_file", "namespace", "template_spec", "kubernetes_conn_id")

    def __init__(self, *, image=None, code_path=None, namespace="default", name=None, application_file=None,
                 template_spec=None, get_logs=True, do_xcom_push=False, success_run_history_limit=1,
                 startup_timeout_seconds=600, log_events_on_failure=False, reattach_on_restart=True,
                 delete_on_termination=True, kubernetes_conn_id="kubernetes_default", random_name_suffix=True, **base):
        super().__init__(**base)
        self.application_file, self.name, self.namespace = application_file, name, namespace
