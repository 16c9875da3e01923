"""Talks to a flyteadmin on loopback for tests/flyte.rs, with Flyte's own client.

    client.py PORT register                   registers a workflow with one task
    client.py PORT execute COUNT [LABEL]      starts executions, with an execution cluster label; prints their names
    client.py PORT event NAME PRODUCER        reports that an execution runs; prints OK or the status code
    client.py PORT terminate NAME             aborts an execution; prints OK or the status code
"""
import datetime
import sys

import grpc
from flyteidl.admin import event_pb2, execution_pb2
from flyteidl.core import execution_pb2 as phases
from flyteidl.core import identifier_pb2
from flyteidl.event import event_pb2 as events
from flyteidl.service.admin_pb2_grpc import AdminServiceStub
from flytekit import task, workflow
from flytekit.configuration import Config, Image, ImageConfig, SerializationSettings
from flytekit.remote import FlyteRemote

PROJECT, DOMAIN = "flytesnacks", "development"


@task
def increment(n: int) -> int:
    return n + 1


@workflow
def wf(n: int) -> int:
    return increment(n=n)


def status_of(call):
    """What the server says to a request: OK or the name of a status code."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code().name
    except Exception as error:  # flytekit wraps what gRPC raises
        cause = error.__cause__
        return cause.code().name if isinstance(cause, grpc.RpcError) else type(error).__name__
    return "OK"


def main(port, command, *arguments):
    remote = FlyteRemote(Config.for_endpoint(f"127.0.0.1:{port}", insecure=True), default_project=PROJECT, default_domain=DOMAIN)
    stub = AdminServiceStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
    if command == "register":
        image = ImageConfig(default_image=Image(name="default", fqn="example.com/none", tag="v1"))
        settings = SerializationSettings(image_config=image, project=PROJECT, domain=DOMAIN, version="v1")
        remote.register_workflow(wf, settings, version="v1")
    elif command == "execute":
        count, *label = arguments
        fetched = remote.fetch_workflow(name=wf.name, version="v1")
        for n in range(int(count)):
            options = {"execution_cluster_label": label[0]} if label else {}
            print(remote.execute(fetched, inputs={"n": n}, wait=False, **options).id.name)
    elif command == "event":
        name, producer = arguments
        identifier = identifier_pb2.WorkflowExecutionIdentifier(project=PROJECT, domain=DOMAIN, name=name)
        event = events.WorkflowExecutionEvent(execution_id=identifier, producer_id=producer, phase=phases.WorkflowExecution.RUNNING)
        event.occurred_at.FromDatetime(datetime.datetime.now(datetime.timezone.utc))
        request = event_pb2.WorkflowExecutionEventRequest(request_id=f"{name}-{producer}", event=event)
        print(status_of(lambda: stub.CreateWorkflowEvent(request)))
    elif command == "terminate":
        (name,) = arguments
        identifier = identifier_pb2.WorkflowExecutionIdentifier(project=PROJECT, domain=DOMAIN, name=name)
        print(status_of(lambda: stub.TerminateExecution(execution_pb2.ExecutionTerminateRequest(id=identifier, cause="test"))))


if __name__ == "__main__":
    main(*sys.argv[1:])
