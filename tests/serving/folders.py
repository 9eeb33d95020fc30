"""Folders of small models, and clients for them."""

import contextlib
import json

from starlette.testclient import TestClient

import kerasish as keras
from kerasish.serving import Service, application


def put(root, name, version, model):
    """Save a model as a version of `name`; it appears in one step."""
    folder = root / name / str(version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = root / f".{name}-{version}"
    made.mkdir()
    model.save(made / "model.keras")
    made.rename(folder)
    return folder


def scaled(factor, size=2, name="x"):
    """A model that multiplies rows by a number."""
    x = keras.Input((size,), name=name)
    return keras.Model(x, keras.layers.Rescaling(factor, name="y")(x))


def tell(root, name, **options):
    """Write a model's `serving.json`."""
    (root / name / "serving.json").write_text(json.dumps(options))


@contextlib.contextmanager
def client(root, service=None, app=None, **options):
    """A client of a server for `root`, with the Service as `service`."""
    service = service or Service(root, **{"poll": 0, **options})
    with TestClient(application(service, **(app or {})), raise_server_exceptions=False) as made:
        made.service = service
        yield made


def refused(response, status, *words):
    """Assert that a response is an error of this status whose text has these words."""
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    for word in words:
        assert word in response.json()["error"], response.text
