"""The words that `keras.backend` of Keras 2.2.4 had are there, with its arguments and defaults, and its numbers."""

import inspect
import itertools

import numpy as np
import pytest
from scipy.special import logsumexp

import kerasish as keras
from kerasish import backend as K
from kerasish.ops.operation import OPERATIONS
from kerasish.ops.serialization import deserialize_operation
from tests.backend.reading import assert_allclose, host

# name(arguments with their defaults), as its documentation lists them; what sparse tensors alone need is not there
WORDS = """
abs(x) all(x,axis=None,keepdims=False) any(x,axis=None,keepdims=False) arange(start,stop=None,step=1,dtype='int32')
argmax(x,axis=-1) argmin(x,axis=-1) backend() batch_dot(x,y,axes=None) batch_flatten(x) batch_get_value(tensors)
batch_normalization(x,mean,var,beta,gamma,axis=-1,epsilon=0.001) batch_set_value(tuples)
bias_add(x,bias,data_format=None) binary_crossentropy(target,output,from_logits=False) cast(x,dtype) cast_to_floatx(x)
categorical_crossentropy(target,output,from_logits=False,axis=-1) clear_session() clip(x,min_value,max_value)
concatenate(tensors,axis=-1) constant(value,dtype=None,shape=None,name=None)
conv1d(x,kernel,strides=1,padding='valid',data_format=None,dilation_rate=1)
conv2d(x,kernel,strides=(1,1),padding='valid',data_format=None,dilation_rate=(1,1))
conv2d_transpose(x,kernel,output_shape,strides=(1,1),padding='valid',data_format=None,dilation_rate=(1,1))
conv3d(x,kernel,strides=(1,1,1),padding='valid',data_format=None,dilation_rate=(1,1,1))
conv3d_transpose(x,kernel,output_shape,strides=(1,1,1),padding='valid',data_format=None) cos(x) count_params(x)
ctc_batch_cost(y_true,y_pred,input_length,label_length)
ctc_decode(y_pred,input_length,greedy=True,beam_width=100,top_paths=1)
ctc_label_dense_to_sparse(labels,label_lengths) cumprod(x,axis=0) cumsum(x,axis=0)
depthwise_conv2d(x,depthwise_kernel,strides=(1,1),padding='valid',data_format=None,dilation_rate=(1,1)) dot(x,y)
dropout(x,level,noise_shape=None,seed=None) dtype(x) elu(x,alpha=1.0) epsilon() equal(x,y) eval(x) exp(x)
expand_dims(x,axis=-1) eye(size,dtype=None,name=None) flatten(x) floatx() foldl(fn,elems,initializer=None,name=None)
foldr(fn,elems,initializer=None,name=None) function(inputs,outputs=None,updates=None) gather(reference,indices)
get_session() get_uid(prefix='') get_value(x) get_variable_shape(x) gradients(loss,variables) greater(x,y)
greater_equal(x,y) hard_sigmoid(x) identity(x,name=None) image_data_format() image_dim_ordering()
in_test_phase(x,alt,training=None) in_top_k(predictions,targets,k) in_train_phase(x,alt,training=None) int_shape(x)
is_keras_tensor(x) is_placeholder(x) is_sparse(tensor) is_tensor(x) l2_normalize(x,axis=None) learning_phase()
less(x,y) less_equal(x,y) local_conv1d(inputs,kernel,kernel_size,strides,data_format=None)
local_conv2d(inputs,kernel,kernel_size,strides,output_shape,data_format=None) log(x)
logsumexp(x,axis=None,keepdims=False) manual_variable_initialization(value) map_fn(fn,elems,name=None,dtype=None)
max(x,axis=None,keepdims=False) maximum(x,y) mean(x,axis=None,keepdims=False) min(x,axis=None,keepdims=False)
minimum(x,y) moving_average_update(x,value,momentum) name_scope(name) ndim(x)
normalize_batch_in_training(x,gamma,beta,reduction_axes,epsilon=0.001) not_equal(x,y) one_hot(indices,num_classes)
ones(shape,dtype=None,name=None) ones_like(x,dtype=None,name=None) permute_dimensions(x,pattern)
placeholder(shape=None,ndim=None,dtype=None,sparse=False,name=None)
pool2d(x,pool_size,strides=(1,1),padding='valid',data_format=None,pool_mode='max')
pool3d(x,pool_size,strides=(1,1,1),padding='valid',data_format=None,pool_mode='max') pow(x,a)
print_tensor(x,message='') prod(x,axis=None,keepdims=False) random_binomial(shape,p=0.0,dtype=None,seed=None)
random_normal(shape,mean=0.0,stddev=1.0,dtype=None,seed=None)
random_normal_variable(shape,mean,scale,dtype=None,name=None,seed=None)
random_uniform(shape,minval=0.0,maxval=1.0,dtype=None,seed=None)
random_uniform_variable(shape,low,high,dtype=None,name=None,seed=None)
relu(x,alpha=0.0,max_value=None,threshold=0.0) repeat(x,n) repeat_elements(x,rep,axis) reset_uids() reshape(x,shape)
resize_images(x,height_factor,width_factor,data_format,interpolation='nearest')
resize_volumes(x,depth_factor,height_factor,width_factor,data_format) reverse(x,axes)
rnn(step_function,inputs,initial_states,go_backwards=False,mask=None,constants=None,unroll=False,input_length=None)
round(x)
separable_conv1d(x,depthwise_kernel,pointwise_kernel,strides=1,padding='valid',data_format=None,dilation_rate=1)
separable_conv2d(x,depthwise_kernel,pointwise_kernel,strides=(1,1),padding='valid',data_format=None,dilation_rate=(1,1))
set_epsilon(value) set_floatx(value) set_image_data_format(data_format) set_image_dim_ordering(dim_ordering)
set_learning_phase(value) set_session(session) set_value(x,value) shape(x) sigmoid(x) sign(x) sin(x)
softmax(x,axis=-1) softplus(x) softsign(x) sparse_categorical_crossentropy(target,output,from_logits=False,axis=-1)
spatial_2d_padding(x,padding=((1,1),(1,1)),data_format=None)
spatial_3d_padding(x,padding=((1,1),(1,1),(1,1)),data_format=None) sqrt(x) square(x) squeeze(x,axis) stack(x,axis=0)
std(x,axis=None,keepdims=False) stop_gradient(variables) sum(x,axis=None,keepdims=False)
switch(condition,then_expression,else_expression) tanh(x) temporal_padding(x,padding=(1,1)) tile(x,n) to_dense(tensor)
transpose(x) truncated_normal(shape,mean=0.0,stddev=1.0,dtype=None,seed=None) update(x,new_x)
update_add(x,increment) update_sub(x,decrement) var(x,axis=None,keepdims=False)
variable(value,dtype=None,name=None,constraint=None) zeros(shape,dtype=None,name=None)
zeros_like(x,dtype=None,name=None)
""".split()


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_keras_2_have_its_arguments_and_defaults(word):
    name, _, rest = word.partition("(")
    wanted = eval(f"lambda {rest[:-1]}: None")  # the table is this file's
    theirs = list(inspect.signature(wanted).parameters.values())
    ours = list(inspect.signature(getattr(K, name)).parameters.values())
    assert [p.name for p in ours[: len(theirs)]] == [p.name for p in theirs]
    assert [p.default for p in ours[: len(theirs)]] == [p.default for p in theirs]
    assert all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in ours[len(theirs) :])


R = np.random.RandomState(0)
A, M = R.rand(2, 3, 4).astype("float32"), R.randn(3, 5).astype("float32")
S, P = R.rand(2, 8, 3).astype("float32"), R.rand(2, 6, 7, 3).astype("float32")
P_FIRST = np.moveaxis(P, -1, 1)
K1, K2 = R.rand(3, 3, 4).astype("float32"), R.rand(3, 3, 3, 4).astype("float32")
BIAS = R.rand(6, 7, 3).astype("float32")


def convolved(x, kernel):
    places = x.shape[1] - kernel.shape[0] + 1
    return np.stack([np.einsum("bkc,kcf->bf", x[:, t : t + len(kernel)], kernel) for t in range(places)], 1)


def spread(x, kernel, stride, sizes, before):
    """A transposed convolution by its definition: every input adds a multiple of the kernel."""
    rows, columns = ((n - 1) * stride + kernel.shape[0] for n in x.shape[1:3])
    whole = np.zeros((len(x), max(rows, sizes[0]), max(columns, sizes[1]), kernel.shape[2]), "float32")
    for i, j in np.ndindex(x.shape[1:3]):
        at = slice(i * stride, i * stride + kernel.shape[0]), slice(j * stride, j * stride + kernel.shape[1])
        whole[(slice(None), *at)] += np.einsum("bc,hwfc->bhwf", x[:, i, j], kernel)
    return whole[:, before : before + sizes[0], before : before + sizes[1]]


VALUES = {
    "argmax": (lambda: K.argmax(A), lambda: A.argmax(-1)),
    "argmin": (lambda: K.argmin(A), lambda: A.argmin(-1)),
    "concatenate": (lambda: K.concatenate([A, A]), lambda: np.concatenate([A, A], -1)),
    "cumsum": (lambda: K.cumsum(A), lambda: A.cumsum(0)),
    "cumprod": (lambda: K.cumprod(A), lambda: A.cumprod(0)),
    "arange": (lambda: K.arange(2, 9, 3), lambda: np.array([2, 5, 8], "int32")),
    "expand_dims": (lambda: K.expand_dims(A), lambda: A[..., None]),
    "clip with bounds the wrong way round": (lambda: K.clip(M, 0.5, -1), lambda: np.full_like(M, 0.5)),
    "relu": (lambda: K.relu(M), lambda: np.maximum(M, 0)),
    "relu with all": (
        lambda: K.relu(M, 0.1, 1.0, 0.2),
        lambda: np.where(M >= 0.2, np.minimum(M, 1), 0.1 * (M - 0.2)),
    ),
    "hard_sigmoid": (lambda: K.hard_sigmoid(3 * M), lambda: np.clip(0.6 * M + 0.5, 0, 1)),
    "logsumexp": (lambda: K.logsumexp(A, -1), lambda: logsumexp(A, -1)),
    "batch_normalization": (
        lambda: K.batch_normalization(P, *R2, axis=-1),
        lambda: (P - R2[0]) / np.sqrt(R2[1] + 1e-3) * R2[3] + R2[2],
    ),
    "batch_normalization, channels first": (
        lambda: K.batch_normalization(P_FIRST, *R2, axis=1),
        lambda: np.moveaxis((P - R2[0]) / np.sqrt(R2[1] + 1e-3) * R2[3] + R2[2], -1, 1),
    ),
    "normalize_batch_in_training": (
        lambda: K.normalize_batch_in_training(P, R2[3], R2[2], [0, 1, 2])[0],
        lambda: (P - P.mean((0, 1, 2))) / np.sqrt(P.var((0, 1, 2)) + 1e-3) * R2[3] + R2[2],
    ),
    "bias_add": (lambda: K.bias_add(P, BIAS), lambda: P + BIAS),
    "bias_add, one a channel": (
        lambda: K.bias_add(P_FIRST, R2[0], "channels_first"),
        lambda: P_FIRST + R2[0][:, None, None],
    ),
    "bias_add, channels first": (
        lambda: K.bias_add(P_FIRST, BIAS, "channels_first"),
        lambda: P_FIRST + BIAS.reshape(1, 3, 6, 7),
    ),
    "conv1d": (lambda: K.conv1d(S, K1), lambda: convolved(S, K1)),
    "conv1d, causal": (
        lambda: K.conv1d(S, K1, padding="causal"),
        lambda: convolved(np.pad(S, ((0, 0), (2, 0), (0, 0))), K1),
    ),
    "conv2d_transpose": (
        lambda: K.conv2d_transpose(P, np.swapaxes(K2, 2, 3), (None, 13, 15, 4), (2, 2)),
        lambda: spread(P, np.swapaxes(K2, 2, 3), 2, (13, 15), 0),
    ),
    "conv2d_transpose with a rest": (
        lambda: K.conv2d_transpose(P, np.swapaxes(K2, 2, 3), (None, 14, 16, 4), (2, 2)),
        lambda: spread(P, np.swapaxes(K2, 2, 3), 2, (14, 16), 0),
    ),
    "conv2d_transpose, same": (
        lambda: K.conv2d_transpose(P, np.swapaxes(K2, 2, 3), (None, 11, 13, 4), (2, 2), "same"),
        lambda: spread(P, np.swapaxes(K2, 2, 3), 2, (11, 13), 1),
    ),
    "conv2d_transpose, same and even": (
        lambda: K.conv2d_transpose(P, np.swapaxes(K2, 2, 3), (None, 12, 14, 4), (2, 2), "same"),
        lambda: spread(P, np.swapaxes(K2, 2, 3), 2, (12, 14), 0),
    ),
    "local_conv1d": (
        lambda: K.local_conv1d(S, L1, (3,), (2,)),
        lambda: np.stack([S[:, 2 * t : 2 * t + 3].reshape(2, -1) @ L1[t] for t in range(3)], 1),
    ),
    "local_conv2d": (
        lambda: K.local_conv2d(P, L2, (3, 2), (3, 2), (2, 3)),
        lambda: np.stack(
            [P[:, 3 * i : 3 * i + 3, 2 * j : 2 * j + 2].reshape(2, -1) @ L2[3 * i + j] for i, j in np.ndindex(2, 3)], 1
        ).reshape(2, 2, 3, 5),
    ),
    "local_conv2d, channels first": (
        lambda: K.local_conv2d(P_FIRST, L2, (3, 2), (3, 2), (2, 3), "channels_first"),
        lambda: np.stack(
            [
                P_FIRST[:, :, 3 * i : 3 * i + 3, 2 * j : 2 * j + 2].reshape(2, -1) @ L2[3 * i + j]
                for i, j in np.ndindex(2, 3)
            ],
            2,
        ).reshape(2, 5, 2, 3),
    ),
    "pool2d": (lambda: K.pool2d(P, (1, 2)), lambda: np.maximum(P[:, :, 1:], P[:, :, :-1])),
    "pool2d, mean": (lambda: K.pool2d(P, (1, 2), pool_mode="avg"), lambda: (P[:, :, 1:] + P[:, :, :-1]) / 2),
    "temporal_padding": (lambda: K.temporal_padding(S, (2, 1)), lambda: np.pad(S, ((0, 0), (2, 1), (0, 0)))),
    "spatial_2d_padding": (
        lambda: K.spatial_2d_padding(P_FIRST, ((1, 2), (0, 3)), "channels_first"),
        lambda: np.pad(P_FIRST, ((0, 0), (0, 0), (1, 2), (0, 3))),
    ),
    "resize_images": (
        lambda: K.resize_images(P, 2, 3, "channels_last"),
        lambda: P.repeat(2, 1).repeat(3, 2),
    ),
    "foldl": (lambda: K.foldl(lambda a, x: 2 * a - x, A), lambda: 2 * A[0] - A[1]),
    "foldr": (lambda: K.foldr(lambda a, x: 2 * a - x, A), lambda: 2 * A[1] - A[0]),
    "foldl with a start": (lambda: K.foldl(lambda a, x: 2 * a - x, A, A[1]), lambda: 4 * A[1] - 2 * A[0] - A[1]),
    "map_fn": (lambda: K.map_fn(lambda x: x * x, A), lambda: A * A),
    "in_top_k": (lambda: K.in_top_k(M, np.argsort(M)[:, -2], 2), lambda: np.ones(3, bool)),
    "repeat": (lambda: K.repeat(M, 2), lambda: np.stack([M, M], 1)),
    "eye": (lambda: K.get_value(K.eye(3)), lambda: np.eye(3)),
    "zeros": (lambda: K.get_value(K.zeros((2, 3))), lambda: np.zeros((2, 3))),
    "mean of bools": (lambda: K.mean(A > 0.5), lambda: np.float32((A > 0.5).mean())),
}
R2 = [R.rand(3).astype("float32") for _ in range(4)]
L1, L2 = R.rand(3, 9, 4).astype("float32"), R.rand(6, 18, 5).astype("float32")


@pytest.mark.parametrize("case", VALUES)
def test_words_compute_their_formula(case):
    computed, formula = (host(f()) for f in VALUES[case])
    assert computed.shape == formula.shape
    assert_allclose(computed, formula, atol=2e-5)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_rnn_takes_its_steps_in_order_and_skips_masked_ones(masked, backwards):
    mask = np.array([[0, 1, 1, 0, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0, 0, 1]], bool)

    def step(x, states):
        state = states[0] * 0.5 + x + states[1]
        return state * 2.0, [state]

    extra, state, output = np.ones((2, 3), "float32"), np.zeros((2, 3)), np.zeros((2, 3))
    outputs = []
    for t in reversed(range(8)) if backwards else range(8):
        new_output, (new,) = step(S[:, t], [state, extra])
        kept = mask[:, t, None] if masked else True
        output, state = np.where(kept, new_output, output), np.where(kept, new, state)
        outputs.append(output)
    found = K.rnn(step, S, [np.zeros((2, 3), "float32")], backwards, mask if masked else None, [extra])
    for ours, wanted in zip((found[0], found[1], found[2][0]), (output, np.stack(outputs, 1), state)):
        assert_allclose(ours, wanted, atol=1e-5)


def test_ctc_batch_cost_is_the_probability_of_all_paths():
    y_pred = np.exp(R.randn(2, 4, 3)).astype("float32")
    y_pred /= y_pred.sum(-1, keepdims=True)
    labels, steps, sizes = np.array([[0, 1], [1, 1]]), np.array([[4], [3]]), np.array([[2], [2]])

    def collapsed(path):
        return [c for c, _ in itertools.groupby(path) if c != 2]

    for sample in range(2):
        length = steps[sample, 0]
        total = sum(
            np.prod([y_pred[sample, t, c] for t, c in enumerate(path)])
            for path in itertools.product(range(3), repeat=length)
            if collapsed(path) == labels[sample].tolist()
        )
        cost = K.ctc_batch_cost(labels, y_pred, steps, sizes)[sample, 0]
        assert float(cost) == pytest.approx(-np.log(total), rel=1e-4)


def test_a_graph_of_the_words_is_saved_as_one_of_todays_ops():
    x = keras.Input((3, 4))
    y = K.dot(K.repeat(K.l2_normalize(K.batch_flatten(x), -1), 2), K.variable(np.ones((12, 2), "float32")))
    model = keras.Model(x, K.batch_dot(y, y, axes=2))
    again = keras.Model.from_config(model.get_config())
    assert_allclose(again.predict(A), model.predict(A), rtol=1e-6)


@keras.saving.register_keras_serializable("tests")
def running_total(x, states):
    return x + states[0], [x + states[0]]


@keras.saving.register_keras_serializable("tests")
def total(so_far, x):
    return so_far + x


NODES = {
    "shape": lambda x: K.cast(K.shape(x)[1:2], "float32") + x[:, 0, :1],
    "map_fn": lambda x: K.map_fn(keras.ops.square, x),
    "rnn": lambda x: K.rnn(running_total, x, [K.zeros_like(x[:, 0])])[0],
    "foldl": lambda x: K.foldl(total, x),
    "print_tensor": lambda x: K.print_tensor(x),
}


@pytest.mark.parametrize("word", NODES)
def test_a_model_whose_graph_holds_a_word_opens_again(word, tmp_path):
    x = keras.Input((None, 4))
    model = keras.Model(x, NODES[word](x))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(A), model.predict(A))


@pytest.mark.parametrize("module", ["kerasish.random.nothing", "kerasish.random..x", "kerasish.classic_math.a.b"])
def test_a_file_that_names_an_op_where_none_is_says_so(module):
    config = {"module": module, "class_name": "Shape", "config": {"name": "a"}, "registered_name": "Shape"}
    with pytest.raises(ValueError, match="names the op 'Shape'"):
        deserialize_operation(config)


@pytest.mark.parametrize("name", ["dot", "repeat"])
def test_the_words_take_no_name_from_the_ops(name):
    assert getattr(K, name) is not getattr(keras.ops, name)
    assert OPERATIONS[name] is getattr(keras.ops, name)


def test_variables_that_begin_with_random_numbers():
    normal, uniform = K.random_normal_variable((1000,), 3.0, 0.5, seed=1), K.random_uniform_variable((1000,), 2.0, 4.0)
    assert K.get_value(normal).mean() == pytest.approx(3.0, abs=0.1)
    assert 2.0 <= K.get_value(uniform).min() and K.get_value(uniform).max() < 4.0
    assert K.is_keras_tensor(normal * 2.0), "an expression of a graph variable is a part of the graph"
    average = K.variable([1.0])
    K.get_session().run(K.moving_average_update(average, np.array([3.0], "float32"), 0.75))
    assert K.get_value(average).tolist() == [1.5]


def test_print_tensor_prints_at_each_run(capsys):
    x = K.placeholder((2,))
    shown = K.function([x], [K.print_tensor(x * 2.0, "twice")])
    assert shown([[1.0, 2.0]])[0].tolist() == [2.0, 4.0]
    assert "twice [2. 4.]" in capsys.readouterr().out
