"""Tubelet on Airflow 2.11 and 3: tubelet_ingest decodes videos on a schedule; each new store starts tubelet_train.

Set in the environment of scheduler and workers (a DAG file must parse without a network or a database):

  TUBELET_HOME        folder with lib/ (job/spark/target/dist/lib) and conf/ on the workers, or in the image
  TUBELET_CONF        configuration, local or any Hadoop URI            [TUBELET_HOME/conf/demo.conf]
  TUBELET_ROOT        Hadoop URI that stores and runs live below        [hdfs:///tubelet]
  TUBELET_SCHEDULE    cron of tubelet_ingest                            [@daily]
  TUBELET_LEAST_TOP1  share in [0, 1] that a model must reach to be exported [0.5]
  TUBELET_SUBMIT      spark (SparkSubmitOperator, connection spark_default) or kubernetes (spark-operator)  [spark]
  TUBELET_APPLICATION the SparkApplication that kubernetes fills in     [../kubernetes/spark-application.yaml]
  TUBELET_IMAGE, TUBELET_NAMESPACE   for kubernetes                     [the application's, default]

Master, deploy mode and queue stand in the connection; executors, their memory and GPUs in TUBELET_HOME/conf/spark-defaults.conf or in
the application. A retry, by Airflow or by hand, resumes: its command line is the same, since folders are named by the ingest's date
and nothing else. A worker that dies may leave its Spark application running: the run's lease makes a second one leave, and the tries,
ever farther apart, go on for 16 hours.

Started by hand, tubelet_train wants to know the store, as params: {"key": "20261125T000000"}; "conf" names another configuration.
"""

import inspect
import json
import os
import pathlib
import re
from datetime import datetime, timedelta

try:
    from airflow.sdk import DAG, Asset, task
except ImportError:  # Airflow 2.11
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import task

HOME = os.environ.get("TUBELET_HOME", "/opt/tubelet")
CONF = os.environ.get("TUBELET_CONF", HOME + "/conf/demo.conf")
ROOT = os.environ.get("TUBELET_ROOT", "hdfs:///tubelet")
LEAST_TOP1 = os.environ.get("TUBELET_LEAST_TOP1", "0.5")
APPLICATION = pathlib.Path(__file__).resolve().parent.parent / "kubernetes" / "spark-application.yaml"
ON_KUBERNETES = os.environ.get("TUBELET_SUBMIT", "spark") == "kubernetes"

STORES = Asset(ROOT + "/stores")
DEFAULTS = {
    "owner": "tubelet",
    "retries": 8,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(hours=6),
}

# The date of the ingest. Runs that an asset or a person starts have no logical date on Airflow 3.
KEY_OF_INGEST = "{{ (dag_run.logical_date or dag_run.run_after).strftime('%Y%m%dT%H%M%S') }}"
KEY_OF_STORE = "{{ ti.xcom_pull(task_ids='pick_store') }}"


def stage(verb, key, *settings, name=None, **base):
    """One verb of the job, on the store and in the run folder of a key."""
    words = [verb, "--config", "{{ params.conf }}", f"run.dir={ROOT}/runs/{key}", f"data.store={ROOT}/stores/{key}", *settings]
    return (kubernetes if ON_KUBERNETES else submit)(name or verb, words, **base)


def submit(name, words, **base):
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

    # Providers that know "durable" refuse YARN's cluster mode unless it is off or the resource manager is asked;
    # the run's own lease does what it is for. spark.yarn.submit.waitAppCompletion must stay unset.
    knows = inspect.signature(SparkSubmitOperator.__init__).parameters
    return SparkSubmitOperator(
        task_id=name,
        name="tubelet-" + name,
        application="spark-internal",  # the job's own jar is one of lib
        jars=HOME + "/lib/*.jar",
        java_class="io.tubelet.spark.cli.Main",
        properties_file=HOME + "/conf/spark-defaults.conf",
        application_args=words,
        **({"durable": False} if "durable" in knows else {}),
        **base,
    )


def kubernetes(name, words, **base):
    from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator

    return SparkKubernetesOperator(
        task_id=name,
        name="tubelet-" + name,
        namespace=os.environ.get("TUBELET_NAMESPACE", "default"),
        application_file=application("tubelet-" + name, words),
        reattach_on_restart=True,
        delete_on_termination=True,
        **base,
    )


def application(name, words):
    """The SparkApplication with another name and other arguments: JSON is YAML, and no YAML need be read."""
    text = pathlib.Path(os.environ.get("TUBELET_APPLICATION", APPLICATION)).read_text(encoding="utf-8")
    parts = {"name": name, "arguments": words}
    # A pod that dies is Airflow's to retry, not the operator's: two who retry start two drivers.
    parts["restartPolicy"] = {"type": "Never"}
    if "TUBELET_IMAGE" in os.environ:
        parts["image"] = os.environ["TUBELET_IMAGE"]
    for key, value in parts.items():
        part = rf"(?m)^  {key}:.*\n(?:    .*\n)*"
        text, found = re.subn(part, lambda _: f"  {key}: {json.dumps(value)}\n", text)
        if found != 1:
            raise ValueError(f"the SparkApplication has {found} times '{key}:', indented by two blanks")
    return text


ingest = DAG(
    "tubelet_ingest",
    description="Decode videos into a store of clips",
    schedule=os.environ.get("TUBELET_SCHEDULE", "@daily"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={"conf": CONF},
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
    params={"conf": CONF, "key": ""},
    tags=["tubelet"],
)


def newest_key(context):
    """The key that a person gave, or that of the newest store that started the run; Airflow 2 calls assets datasets."""
    events = context.get("triggering_asset_events") or context.get("triggering_dataset_events") or {}
    keys = [event.extra["key"] for events_of_one in events.values() for event in events_of_one]
    if not (context["params"]["key"] or keys):
        raise ValueError("no new store started this run: give it the key of one, as params.key")
    return context["params"]["key"] or keys[-1]


with train:

    @task
    def pick_store(**context):
        return newest_key(context)

    pretrain = stage("pretrain", KEY_OF_STORE)
    evaluate = stage("evaluate", KEY_OF_STORE)
    report = stage("report", KEY_OF_STORE)
    # It has been evaluated: the job itself reads what was found and, below the least accuracy, ends with code 9.
    gate = stage("evaluate", KEY_OF_STORE, "evaluate.least-top1=" + LEAST_TOP1, name="gate", retries=1)
    pick_store() >> pretrain >> stage("finetune", KEY_OF_STORE) >> evaluate >> [report, gate]
    pretrain >> stage("probe", KEY_OF_STORE) >> report
    pretrain >> stage("reconstruct", KEY_OF_STORE) >> report
    gate >> stage("export", KEY_OF_STORE)
