"""Tests of the DAGs; with Airflow where it is installed, else with the stub beside this file.

  python3 test_dags.py                  runs the tests
  python3 test_dags.py --vectors HOME   prints the words that each task gives to the job, one JSON list a line
"""

import importlib
import json
import os
import pathlib
import re
import sys
import tempfile
import types
import unittest
from datetime import timedelta

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
try:
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
except ImportError:
    sys.path.insert(0, str(HERE / "stub"))
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
STUB = "stub" in sys.modules[SparkSubmitOperator.__module__].__file__


def load(**environment):
    """The DAG file as it is in this environment."""
    for name in [name for name in os.environ if name.startswith("TUBELET_")]:
        del os.environ[name]
    os.environ.update(environment)
    return importlib.reload(importlib.import_module("tubelet_dags"))


def tasks(dag):
    return {task.task_id: task for task in (dag.tasks.values() if STUB else dag.tasks)}


def words(task):
    """What a task gives to the job; None if it is no task of the job."""
    if hasattr(task, "application_file"):
        return json.loads(re.search(r"(?m)^  arguments: (.*)$", task.application_file)[1])
    return getattr(task, "application_args", None)


def vectors(module):
    """All of them, in order, with what Airflow fills in while it runs."""
    given = [words(task) for dag in (module.ingest, module.train) for task in tasks(dag).values()]
    known = {"{{ params.conf }}": module.CONF}
    return [[known.get(word, re.sub(r"\{\{.*?\}\}", "20261125T000000", word)) for word in one] for one in given if one]


def below(task):
    return {other.task_id for other in task.downstream} if STUB else task.downstream_task_ids


class DagsTest(unittest.TestCase):
    def setUp(self):
        self.module = load()

    def test_dags_are_retried_and_never_catch_up(self):
        for dag in (self.module.ingest, self.module.train):
            self.assertFalse(dag.catchup)
            self.assertEqual(1, dag.max_active_runs)
            self.assertIn("tubelet", dag.tags)
            for task in tasks(dag).values():
                self.assertGreater(task.retries, 0, task.task_id)

    def test_tries_outlive_a_night(self):
        least, most = self.module.DEFAULTS["retry_delay"], self.module.DEFAULTS["max_retry_delay"]
        waits = [min(least * 2**i, most) for i in range(self.module.DEFAULTS["retries"])]
        self.assertGreater(sum(waits, timedelta()), timedelta(hours=16))

    def test_a_new_store_starts_the_training(self):
        publish = tasks(self.module.ingest)["publish_store"]
        self.assertEqual([self.module.STORES], list(publish.outlets))
        self.assertEqual({"publish_store"}, below(tasks(self.module.ingest)["prepare"]))

    def test_order_of_the_stages(self):
        found = {name: below(task) for name, task in tasks(self.module.train).items()}
        self.assertEqual({"pretrain"}, found["pick_store"])
        self.assertEqual({"finetune", "probe", "reconstruct"}, found["pretrain"])
        self.assertEqual({"evaluate"}, found["finetune"])
        self.assertEqual({"report", "gate"}, found["evaluate"])
        self.assertEqual({"report"}, found["reconstruct"])
        self.assertEqual({"report"}, found["probe"])

    def test_only_a_model_behind_the_gate_is_exported(self):
        before = {name for name, task in tasks(self.module.train).items() if "export" in below(task)}
        self.assertEqual({"gate"}, before)
        self.assertEqual({"export"}, below(tasks(self.module.train)["gate"]))

    def test_retries_give_the_same_line(self):
        for line in map(words, [*tasks(self.module.ingest).values(), *tasks(self.module.train).values()]):
            for changing in ("try_number", "now", "uuid", "run_id"):
                self.assertNotIn(changing, " ".join(line or []))

    def test_all_stages_of_a_run_share_its_folder(self):
        trained = [line for line in vectors(self.module) if line[0] != "prepare"]
        self.assertEqual(1, len({next(word for word in line if word.startswith("run.dir=")) for line in trained}))
        self.assertEqual(1, len({word for line in vectors(self.module) for word in line if "data.store" in word}))

    def test_yarn_cluster_mode_is_left_to_the_runs_lease(self):
        for task in tasks(self.module.train).values():
            if words(task):
                self.assertFalse(getattr(task, "durable", False))
                self.assertNotIn("waitAppCompletion", str(getattr(task, "conf", "")))

    def test_kubernetes_gets_the_same_words_in_the_application_beside_it(self):
        expected = vectors(self.module)
        module = load(TUBELET_SUBMIT="kubernetes", TUBELET_IMAGE="here/tubelet:7")
        self.assertEqual(expected, vectors(module))
        text = tasks(module.train)["export"].application_file
        for line in ("  name: \"tubelet-export\"", "  image: \"here/tubelet:7\"", "  restartPolicy: {\"type\": \"Never\"}",
                     "    spark.driver.extraClassPath: /opt/tubelet/lib/*", "    serviceAccount: tubelet"):
            self.assertIn("\n" + line + "\n", text)
        self.assertNotIn("onFailureRetries", text)

    def test_an_application_without_arguments_is_an_error(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("metadata:\n  name: x\n")
            file.flush()
            with self.assertRaisesRegex(ValueError, "0 times 'arguments:'"):
                load(TUBELET_SUBMIT="kubernetes", TUBELET_APPLICATION=file.name)

    def test_gate_asks_the_job_for_the_least_accuracy(self):
        gate = words(tasks(load(TUBELET_LEAST_TOP1="0.6").train)["gate"])
        self.assertEqual(["evaluate", "evaluate.least-top1=0.6"], [gate[0], gate[-1]])

    def test_store_is_the_one_that_was_asked_for_or_that_of_the_newest_event(self):
        events = {"store": [types.SimpleNamespace(extra={"key": key}) for key in ("old", "new")]}
        for context in ({"triggering_asset_events": events}, {"triggering_dataset_events": events}):
            self.assertEqual("new", self.module.newest_key({**context, "params": {"key": ""}}))
            self.assertEqual("older", self.module.newest_key({**context, "params": {"key": "older"}}))
        self.assertEqual("older", self.module.newest_key({"params": {"key": "older"}}))
        with self.assertRaisesRegex(ValueError, "params.key"):
            self.module.newest_key({"params": {"key": ""}})

    @unittest.skipIf(STUB, "Airflow is not installed here")
    def test_airflow_takes_the_file(self):
        from airflow.models import DagBag

        bag = DagBag(dag_folder=str(HERE / "tubelet_dags.py"), include_examples=False)
        self.assertEqual({}, bag.import_errors)
        self.assertEqual({"tubelet_ingest", "tubelet_train"}, set(bag.dag_ids))

    @unittest.skipUnless(STUB, "Airflow's own operators refuse in their own words")
    def test_an_unknown_argument_is_an_error(self):
        with self.assertRaises(TypeError), self.module.ingest:
            SparkSubmitOperator(task_id="x", aplication_args=[])


if __name__ == "__main__":
    if "--vectors" in sys.argv:
        print(*map(json.dumps, vectors(load(TUBELET_HOME=sys.argv[2]))), sep="\n")
    else:
        print("with", "the stub: Airflow is not installed here" if STUB else "the installed Airflow", file=sys.stderr)
        unittest.main()
