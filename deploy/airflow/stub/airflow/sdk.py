"""airflow.sdk: DAG, Asset, task; and BaseOperator, which records the graph."""


class Asset:
    def __init__(self, name=None, uri=None, *, group="asset", extra=None):
        self.name, self.uri = name, uri or name


class DAG:
    active = []

    def __init__(self, dag_id, *, description=None, schedule=None, start_date=None, catchup=False, tags=None,
                 default_args=None, max_active_runs=16, dagrun_timeout=None, params=None, doc_md=None,
                 render_template_as_native_obj=False):
        self.dag_id, self.schedule, self.catchup, self.tags = dag_id, schedule, catchup, tags or []
        self.default_args, self.max_active_runs, self.start_date = default_args or {}, max_active_runs, start_date
        self.tasks = {}

    def __enter__(self):
        DAG.active.append(self)
        return self

    def __exit__(self, *_):
        DAG.active.pop()


class BaseOperator:
    template_fields = ()

    def __init__(self, *, task_id, retries=None, retry_delay=None,
                 retry_exponential_backoff=False, max_retry_delay=None, execution_timeout=None, inlets=None, outlets=None,
                 trigger_rule="all_success", pool=None, owner=None, doc_md=None, on_failure_callback=None):
        self.task_id, self.trigger_rule, self.outlets = task_id, trigger_rule, outlets or []
        self.dag = DAG.active[-1]
        if task_id in self.dag.tasks:
            raise ValueError(f"two tasks are called {task_id}")
        self.dag.tasks[task_id] = self
        self.retries = self.dag.default_args.get("retries", 0) if retries is None else retries
        self.downstream = []

    def __rshift__(self, other):
        for task in other if isinstance(other, (list, tuple)) else [other]:
            self.downstream.append(task)
        return other

    def __rrshift__(self, others):
        for task in others:
            task >> self
        return self


class PythonTask(BaseOperator):
    def __init__(self, function, arguments, **options):
        super().__init__(**options)
        self.function, self.arguments = function, arguments


class _Task:
    """task and task(outlets=…): a call makes an operator."""

    def __call__(self, function=None, **options):
        def maker(function):
            def call(*args, **kwargs):
                return PythonTask(function, (args, kwargs), task_id=function.__name__, **options)

            call.function = function
            return call

        return maker(function) if function else maker


task = _Task()
