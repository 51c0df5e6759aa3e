"""Tubelet on Airflow 2.11 and 3: tubelet_ingest decodes videos on a schedule; each new store starts tubelet_train.

Set in the environment of scheduler and workers (a DAG file must parse without a network or a database):

  TUBELET_HOME        folder with lib/ (job/spark/target/dist/lib) and conf/ on the workers, or in the image
  TUBELET_JAR         the job's own jar                                 [TUBELET_HOME/lib/tubelet-spark.jar]
  TUBELET_CONF        configuration, local or any Hadoop URI            [TUBELET_HOME/conf/demo.conf]
  TUBELET_ROOT        Hadoop URI that stores and runs live below        [hdfs:///tubelet]
  TUBELET_SCHEDULE    cron of tubelet_ingest                            [@daily]
  TUBELET_LEAST_TOP1  share in [0, 1] that a model must reach to be exported [0.5]
  TUBELET_SUBMIT      spark (SparkSubmitOperator, connection spark_default) or kubernetes (spark-operator)  [spark]
  TUBELET_IMAGE, TUBELET_NAMESPACE   for kubernetes                     [tubelet:latest, default]

Master, deploy mode and queue stand in the connection. A retry, by Airflow or by hand, resumes: its command line is the same, since
folders are named by the ingest's logical date and nothing else. A worker that dies may leave its Spark application running; the
run's lease makes the second one wait or leave, on every Airflow version.
"""

import inspect
import json
import os
from datetime import datetime, timedelta

try:
    from airflow.sdk import DAG, Asset, ObjectStoragePath, task
except ImportError:  # Airflow 2.11
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import task
    from airflow.io.path import ObjectStoragePath

HOME = os.environ.get("TUBELET_HOME", "/opt/tubelet")
JAR = os.environ.get("TUBELET_JAR", HOME + "/lib/tubelet-spark.jar")
CONF = os.environ.get("TUBELET_CONF", HOME + "/conf/demo.conf")
ROOT = os.environ.get("TUBELET_ROOT", "hdfs:///tubelet")
LEAST_TOP1 = float(os.environ.get("TUBELET_LEAST_TOP1", "0.5"))
ON_KUBERNETES = os.environ.get("TUBELET_SUBMIT", "spark") == "kubernetes"

MAIN = "io.tubelet.spark.cli.Main"
STORES = Asset(ROOT + "/stores")
DEFAULTS = {"owner": "tubelet", "retries": 3, "retry_delay": timedelta(minutes=5)}

# The date of the ingest. Runs that an asset or a person starts have no logical date on Airflow 3.
KEY_OF_INGEST = "{{ (dag_run.logical_date or dag_run.run_after).strftime('%Y%m%dT%H%M%S') }}"
KEY_OF_STORE = "{{ ti.xcom_pull(task_ids='pick_store') }}"


def stage(verb, key, *settings, name=None):
    """One verb of the job, on the store and in the run folder of a key."""
    words = [verb, "--config", CONF, f"run.dir={ROOT}/runs/{key}", f"data.store={ROOT}/stores/{key}", *settings]
    return (kubernetes if ON_KUBERNETES else submit)(name or verb, words)


def submit(name, words):
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    # Providers that know "durable" refuse YARN's cluster mode unless it is off or the resource manager is asked;
    # the run's own lease does what it is for. spark.yarn.submit.waitAppCompletion must stay unset.
    knows = inspect.signature(SparkSubmitOperator.__init__).parameters
    return SparkSubmitOperator(
        task_id=name,
        name="tubelet-" + name,
        application=JAR,
        jars=HOME + "/lib/*.jar",
        java_class=MAIN,
        properties_file=HOME + "/conf/spark-defaults.conf",
        application_args=words,
        **({"durable": False} if "durable" in knows else {}),
    )


def kubernetes(name, words):
    from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator

    # A pod that dies is Airflow's to retry, not the operator's: two who retry start two drivers.
    return SparkKubernetesOperator(
        task_id=name,
        name="tubelet-" + name,
        namespace=os.environ.get("TUBELET_NAMESPACE", "default"),
        application_file=json.dumps(manifest("tubelet-" + name, words)),
        reattach_on_restart=True,
        delete_on_termination=True,
    )


def manifest(name, words):
    """A SparkApplication of the Kubeflow operator; sizes and GPUs are the pod templates' and the image's matter."""
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": name},
        "spec": {
            "type": "Java",
            "mode": "cluster",
            "sparkVersion": "3.5.5",
            "image": os.environ.get("TUBELET_IMAGE", "tubelet:latest"),
            "mainClass": MAIN,
            "mainApplicationFile": "local://" + JAR,
            "arguments": words,
            "restartPolicy": {"type": "Never"},
            "driver": {"cores": 1, "memory": "4g", "serviceAccount": "spark"},
            "executor": {"cores": 2, "instances": 2, "memory": "8g"},
        },
    }


ingest = DAG(
    "tubelet_ingest",
    description="Decode videos into a store of clips",
    schedule=os.environ.get("TUBELET_SCHEDULE", "@daily"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["tubelet"],
)

with ingest:

    @task(outlets=[STORES])
    def publish_store(key, **context):
        """Tells whoever waits for stores which one is new."""
        context["outlet_events"][STORES].extra = {"key": key}

    stage("prepare", KEY_OF_INGEST) >> publish_store(KEY_OF_INGEST)

train = DAG(
    "tubelet_train",
    description="Pretrain, probe, fine-tune, evaluate and, if good enough, export",
    schedule=[STORES],
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["tubelet"],
)


def newest_key(context):
    """The key of the newest store that started a run; Airflow 2 calls assets datasets."""
    events = context.get("triggering_asset_events") or context["triggering_dataset_events"]
    return [event for events_of_one in events.values() for event in events_of_one][-1].extra["key"]


def good_enough(key):
    """Whether the fine-tuned model of a run may be published."""
    text = ObjectStoragePath(f"{ROOT}/runs/{key}/evaluation/finetune.json").read_text()
    accuracy = json.loads(text)["accuracy"]
    return accuracy["top1"] >= LEAST_TOP1 * accuracy["videos"]


with train:

    @task
    def pick_store(**context):
        return newest_key(context)

    @task.short_circuit
    def gate(key):
        return good_enough(key)

    pretrain = stage("pretrain", KEY_OF_STORE)
    evaluate = stage("evaluate", KEY_OF_STORE)
    report = stage("report", KEY_OF_STORE)
    opened = gate(KEY_OF_STORE)
    pick_store() >> pretrain >> stage("finetune", KEY_OF_STORE) >> evaluate >> [report, opened]
    pretrain >> stage("probe", KEY_OF_STORE) >> report
    pretrain >> stage("reconstruct", KEY_OF_STORE) >> report
    opened >> stage("export", KEY_OF_STORE)
