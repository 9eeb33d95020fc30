"""Versions come, take over and leave: with made-up models, on folders that hold nothing but a word."""

import json
import threading

import pytest

from kerasish.serving.heart.registry import Registry
from kerasish.serving.options import Batching, ModelOptions
from kerasish.serving.refusals import NotFound, Unavailable


class Fake:
    """A servable of so many bytes."""

    def __init__(self, name, version, text):
        self.name, self.version, self.text = name, version, text
        self.bytes = len(text)
        self.users, self.gone, self.retired = 0, None, False

    def enter(self):
        self.users += not self.retired
        return not self.retired

    def leave(self):
        self.users -= 1
        if self.retired and not self.users:
            self.gone(self)

    def retire(self, gone):
        self.retired, self.gone = True, gone
        if not self.users:
            gone(self)


def load(name, found, options):
    with open(f"{found.folder}/model.keras") as file:
        text = file.read()
    if text == "broken":
        raise ValueError("no model in it")
    return Fake(name, found.version, text)


@pytest.fixture
def put(tmp_path):
    def write(name, version, text="fine"):
        folder = tmp_path / name / str(version)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.keras").write_text(text)

    return write


@pytest.fixture
def events():
    return []


@pytest.fixture
def registry(tmp_path, events):
    return Registry(tmp_path, load, observe=lambda what, name, version, seconds: events.append((what, version)))


def states(registry, name="m"):
    return {number: version.state for number, version in registry.status(name)}


def answers(registry, **which):
    servable = registry.lease("m", **which)
    servable.leave()
    return servable.version, servable.text


def test_the_newest_version_answers(registry, put, events):
    for version in (2, 10, 9):
        put("m", version)
    registry.refresh()
    assert answers(registry)[0] == 10 and states(registry) == {10: "AVAILABLE"}
    assert events == [("load", 10)] and registry.ready()


def test_a_new_version_takes_over_and_the_old_one_leaves(registry, put, events):
    put("m", 1)
    registry.refresh()
    put("m", 2)
    registry.refresh()
    assert answers(registry)[0] == 2 and states(registry) == {2: "AVAILABLE", 1: "END"}
    assert events == [("load", 1), ("load", 2), ("unload", 1)]
    with pytest.raises(NotFound, match=r"Servable not found for request: Specific\(m, 1\)"):
        registry.lease("m", 1)


def test_the_old_version_leaves_behind_its_last_request(registry, put, events):
    put("m", 1)
    registry.refresh()
    running = registry.lease("m")
    put("m", 2)
    registry.refresh()
    assert states(registry)[1] == "UNLOADING" and ("unload", 1) not in events
    assert answers(registry)[0] == 2
    running.leave()
    assert states(registry)[1] == "END" and events[-1] == ("unload", 1)


def test_a_version_that_does_not_load_leaves_the_old_one_and_says_so(registry, put, events):
    put("m", 1)
    registry.refresh()
    put("m", 2, "broken")
    registry.refresh()
    registry.refresh()  # the same files are not tried again
    assert answers(registry)[0] == 1 and states(registry) == {2: "END", 1: "AVAILABLE"}
    assert dict(registry.status("m"))[2].error == "ValueError: no model in it"
    assert events.count(("fail", 2)) == 1 and registry.ready()
    with pytest.raises(Unavailable, match="no model in it"):
        registry.lease("m", 2)
    put("m", 2, "repaired")
    registry.refresh()
    assert answers(registry) == (2, "repaired")


def test_a_model_of_which_nothing_loads_is_not_ready(registry, put):
    put("m", 1, "broken")
    registry.refresh()
    assert not registry.ready()
    with pytest.raises(Unavailable, match="No version of m is available"):
        registry.lease("m")


def test_a_version_whose_files_change_is_loaded_again(registry, put):
    put("m", 1, "before")
    registry.refresh()
    running = registry.lease("m")
    put("m", 1, "after that")
    registry.refresh()
    assert answers(registry) == (1, "after that") and running.text == "before"
    running.leave()
    put("m", 1, "broken")
    registry.refresh()
    assert answers(registry) == (1, "after that")
    assert "no model in it" in dict(registry.status("m"))[1].error


def test_a_version_that_is_taken_away_gives_way_to_the_one_before(registry, put, tmp_path):
    put("m", 1)
    put("m", 2)
    registry.refresh()
    (tmp_path / "m" / "2").rename(tmp_path / "m" / ".old")
    registry.refresh()
    assert answers(registry)[0] == 1


def test_a_model_that_is_taken_away_is_not_found(registry, put, tmp_path):
    put("m", 1)
    put("other", 1)
    registry.refresh()
    (tmp_path / "m").rename(tmp_path / ".m")
    registry.refresh()
    assert registry.names() == ["other"]
    with pytest.raises(NotFound, match=r"Latest\(m\)"):
        registry.lease("m")


def test_labels_name_versions_and_keep_them(registry, put, tmp_path):
    for version in (1, 2, 3):
        put("m", version)
    (tmp_path / "m" / "serving.json").write_text(json.dumps({"labels": {"stable": 1, "canary": 3, "lost": 9}}))
    registry.refresh()
    assert answers(registry, label="stable")[0] == 1 and answers(registry, label="canary")[0] == 3
    assert states(registry) == {3: "AVAILABLE", 1: "AVAILABLE"}
    with pytest.raises(NotFound, match="label: beta .* canary, lost, stable"):
        registry.lease("m", label="beta")
    with pytest.raises(NotFound, match=r"Specific\(m, 9\)"):
        registry.lease("m", label="lost")
    (tmp_path / "m" / "serving.json").write_text(json.dumps({"labels": {"stable": 2}}))
    registry.refresh()
    assert answers(registry, label="stable")[0] == 2 and states(registry)[1] == "END"


@pytest.mark.parametrize(
    ("versions", "served"),
    [("all", {1, 2, 3}), (2, {2, 3}), ([1, 3], {1, 3}), ([7], set())],
    ids=["all", "two", "list", "absent"],
)
def test_which_versions_are_served(registry, put, tmp_path, versions, served):
    for version in (1, 2, 3):
        put("m", version)
    (tmp_path / "m" / "serving.json").write_text(json.dumps({"versions": versions}))
    registry.refresh()
    assert {number for number, state in states(registry).items() if state == "AVAILABLE"} == served


def test_bad_options_are_said_and_the_ones_before_hold(registry, put, tmp_path):
    put("m", 1)
    path = tmp_path / "m" / "serving.json"
    path.write_text('{"labels": {"stable": 1}}')
    registry.refresh()
    for bad, word in (
        ("{", "can't be read"),
        ("[]", "must hold an object"),
        ('{"label": {}}', "Did you mean 'labels'"),
        ('{"versions": 0}', "versions"),
        ('{"labels": {"stable": "1"}}', "stable"),
        ('{"allowed_batch_sizes": [4, 2]}', "must rise"),
        ('{"max_batch_size": 8, "allowed_batch_sizes": [1, 4]}', "must be `max_batch_size`"),
    ):
        path.write_text(bad)
        registry.refresh()
        assert word in registry.errors["m"]
        assert answers(registry, label="stable")[0] == 1
    path.write_text('{"max_batch_size": 4}')
    registry.refresh()
    assert not registry.errors and registry.options("m").batching == Batching(4)


def test_the_least_used_rest_where_memory_is_short(tmp_path, put):
    woken = []
    registry = Registry(tmp_path, load, memory_limit=10, observe=lambda what, name, *_: woken.append((what, name)))
    for name in "abc":
        put(name, 1, "four")
    registry.refresh()
    assert registry.bytes() == 8 and ("rest", "a") in woken
    registry.lease("b").leave()
    assert registry.resident("b") and not registry.resident("a")
    registry.lease("a").leave()  # loads again, and c has been idle the longest
    assert registry.resident("a") and registry.resident("b") and not registry.resident("c")
    assert registry.status("c")[0][1].state == "AVAILABLE" and registry.ready()


def test_one_model_may_be_larger_than_the_limit(tmp_path, put):
    registry = Registry(tmp_path, load, memory_limit=2)
    put("m", 1, "four")
    registry.refresh()
    assert answers(registry)[0] == 1


def test_a_model_that_rests_and_does_not_load_again_says_so(tmp_path, put):
    registry = Registry(tmp_path, load, memory_limit=5)
    put("a", 1, "four")
    put("m", 1, "four")
    registry.refresh()
    put("a", 1, "broken")
    with pytest.raises(Unavailable, match="did not load again: ValueError: no model"):
        registry.lease("a")


def test_a_folder_that_is_away_changes_nothing(registry, put, tmp_path):
    put("m", 1)
    registry.refresh()
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    with pytest.raises(OSError):
        registry.refresh()
    assert answers(registry)[0] == 1
    tmp_path.with_name("elsewhere").rename(tmp_path)


def test_what_is_no_version_is_no_matter(registry, put, tmp_path):
    put("m", 1)
    (tmp_path / "m" / "notes").mkdir()
    (tmp_path / "m" / "2").write_text("a file")
    (tmp_path / "readme.txt").write_text("")
    (tmp_path / "empty").mkdir()
    registry.refresh()
    assert registry.names() == ["m"] and states(registry) == {1: "AVAILABLE"}


def test_requests_never_miss_while_versions_change(registry, put):
    put("m", 1)
    registry.refresh()
    end, wrong, count = threading.Event(), [], [0]

    def ask():
        latest = 0
        while not end.is_set():
            try:
                servable = registry.lease("m")
            except Exception as error:
                wrong.append(error)
                return
            if servable.version < latest or servable.retired and not servable.users:
                wrong.append((servable.version, latest))
            latest = servable.version
            servable.leave()
            count[0] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    for version in range(2, 30):
        put("m", version)
        registry.refresh()
    end.set()
    thread.join()
    assert not wrong and count[0] > 0


def test_options_by_default_are_the_servers(tmp_path, put):
    defaults = ModelOptions(batching=Batching(8, 100))
    registry = Registry(tmp_path, load, defaults)
    put("m", 1)
    (tmp_path / "m" / "serving.json").write_text('{"batch_timeout_micros": 5}')
    registry.refresh()
    assert registry.options("m").batching == Batching(8, 5)
