"""Connectionist temporal classification: `ops.ctc_loss`, `ops.ctc_decode`, the loss CTC and the words of classic K."""

import itertools

import keras
import numpy as np
import pytest

from kerasish import backend as K
from kerasish import losses, ops
from tests.ops.data import spread
from tests.ops.parity import C, Parity

LOGITS = spread(3, 6, 4, low=-2.5, high=2.5)
LABELS = np.array([[1, 2, 0], [3, 3, 1], [2, 0, 0]], "int32")
SIZES, STEPS = np.array([2, 3, 1], "int32"), np.array([6, 5, 3], "int32")
ALONE = np.array([0, 1, 1], "int32")

CASES = [
    C("ctc_loss", LABELS, LOGITS, SIZES, STEPS),
    C("ctc_loss", LABELS, LOGITS, ALONE, STEPS),
    C("ctc_loss", LABELS % 3, LOGITS, SIZES, STEPS, mask_index=3),
    C("ctc_loss", LABELS, LOGITS, SIZES, np.array([1, 1, 1], "int32")).but(gradient=False, rtol=3e-5),  # no alignment
    C("ctc_loss", LABELS, LOGITS.astype("float16"), SIZES, STEPS).but(gradient=False, rtol=1e-3),
    C(
        "ctc_loss", np.tile(np.where(LABELS, LABELS, 5), (1, 2)), spread(3, 40, 9, low=-9, high=9), SIZES * 2, STEPS * 6
    ).but(rtol=1e-4),
]
for blank in (0, 3, -1):
    CASES += [
        C("ctc_decode", LOGITS, STEPS, merge_repeated=merge, mask_index=blank).but(gradient=False)
        for merge in (True, False)
    ]
for blank in (0, 3):
    CASES += [
        C("ctc_decode", LOGITS, STEPS, "beam_search", width, top, mask_index=blank).but(gradient=False, rtol=1e-4)
        for width, top in ((100, 3), (200, 1), (8, 2))
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
class TestParity(Parity):
    pass


def labels_by_probability(logits, blank):
    """Every label with the logarithm of its probability, by going through all alignments."""
    scores, found = logits - np.log(np.exp(logits).sum(-1, keepdims=True)), {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        label = tuple(c for c, _ in itertools.groupby(path) if c != blank)
        score = sum(scores[t, c] for t, c in enumerate(path))
        found[label] = np.logaddexp(found.get(label, -np.inf), score)
    return sorted(found.items(), key=lambda item: -item[1])


def test_a_wide_search_finds_the_most_likely_labels():
    labels, scores = ops.ctc_decode(LOGITS, STEPS, "beam_search", 300, 4)
    for sample, steps in enumerate(STEPS):
        for path, (label, score) in enumerate(labels_by_probability(LOGITS[sample, :steps], 0)[:4]):
            assert [c for c in labels[path, sample] if c >= 0] == list(label)
            assert float(scores[sample, path]) == pytest.approx(score, rel=1e-4)


def test_the_loss():
    ours, theirs = (library.ctc(LABELS, LOGITS) for library in (losses, keras.losses))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    for reduction in ("sum", "sum_over_batch_size", None):
        ours, theirs = (library.CTC(reduction=reduction)(LABELS, LOGITS) for library in (losses, keras.losses))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert losses.CTC().get_config() == keras.losses.CTC().get_config()
    assert ops.is_tensor(losses.get("ctc")(LABELS, LOGITS)) and isinstance(losses.get("CTC"), losses.CTC)


def test_classic_words():
    chances = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    for greedy, paths in ((True, 1), (False, 2)):
        labels, scores = K.ctc_decode(chances, STEPS, greedy=greedy, top_paths=paths)
        wanted, wanted_scores = keras.ops.ctc_decode(
            np.log(chances), STEPS, "greedy" if greedy else "beam_search", top_paths=paths, mask_index=3
        )
        assert len(labels) == paths
        np.testing.assert_array_equal(np.stack(labels), wanted)
        np.testing.assert_allclose(scores, wanted_scores, rtol=1e-4)
    assert K.ctc_label_dense_to_sparse(LABELS, SIZES).tolist() == [[1, 2, -1], [3, 3, 1], [2, -1, -1]]


REFUSED = [
    (lambda: ops.ctc_loss(LABELS[0], LOGITS, SIZES, STEPS), "`target`"),
    (lambda: ops.ctc_loss(LABELS, LOGITS[0], SIZES, STEPS), "`output`"),
    (lambda: ops.ctc_loss(LABELS[:1], LOGITS, SIZES, STEPS), "`target`"),
    (lambda: ops.ctc_loss(LABELS, LOGITS, SIZES[:1], STEPS), "`target_length`"),
    (lambda: ops.ctc_loss(LABELS, LOGITS, SIZES, STEPS[:1]), "`output_length`"),
    (lambda: ops.ctc_loss(LABELS, LOGITS, SIZES, STEPS, 4), "`mask_index`"),
    (lambda: ops.ctc_decode(LOGITS, STEPS, "best"), "`strategy`"),
    (lambda: ops.ctc_decode(LOGITS[0], STEPS), "`inputs`"),
    (lambda: ops.ctc_decode(LOGITS, STEPS[:2]), "`sequence_lengths`"),
    (lambda: ops.ctc_decode(LOGITS, STEPS, "beam_search", 2, 3), "`top_paths`"),
    (lambda: losses.ctc(LABELS[0], LOGITS), "`y_true`"),
    (lambda: losses.ctc(LABELS, LOGITS[0]), "`y_pred`"),
]


@pytest.mark.parametrize("call, words", REFUSED)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
