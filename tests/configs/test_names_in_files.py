"""The names that files carry: a config says under which `keras.*` module a class or function is public.

They are derived from where the code stands. So they are written down here, and moving a file can't change what a saved
model says. A new public name is a new word in the table; a word never leaves it, or files of today stop opening.
"""

import importlib
import inspect

import pytest

from kerasish.configs.serialization import public_module
from kerasish.ops.operation import OPERATIONS, OpCall
from kerasish.ops.serialization import serialize_operation

PLACES = (
    "activations constraints initializers layers losses metrics models optimizers optimizers.schedules regularizers "
    "dtype_policies"
).split()
NAMES = {
    "keras": "DTypePolicy Model Sequential",
    "keras._legacy.layers": "ThresholdedReLU",
    "keras.activations": (
        "celu deserialize elu exponential gelu get glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu "
        "linear log_sigmoid log_softmax mish relu relu6 selu serialize sigmoid silu soft_shrink softmax softplus "
        "softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold"
    ),
    "keras.constraints": "Constraint MaxNorm MinMaxNorm NonNeg UnitNorm deserialize get serialize",
    "keras.dtype_policies": "DTypePolicyMap deserialize dtype_policy get serialize set_dtype_policy",
    "keras.initializers": (
        "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity Initializer LecunNormal LecunUniform Ones "
        "Orthogonal RandomNormal RandomUniform STFT TruncatedNormal VarianceScaling Zeros deserialize get "
        "serialize"
    ),
    "keras.layers": (
        "Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D "
        "AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add "
        "AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D "
        "AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate "
        "ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D "
        "Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D CuDNNGRU CuDNNLSTM CutMix "
        "Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization "
        "Flatten FlaxLayer GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D "
        "GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization "
        "GroupedQueryAttention HashedCrossing Hashing Highway Identity Input InputLayer InputSpec IntegerLookup "
        "JaxLayer LSTM LSTMCell Lambda Layer LayerNormalization LeakyReLU LocallyConnected1D LocallyConnected2D "
        "Masking MaxNumBoundingBoxes MaxPooling1D MaxPooling2D MaxPooling3D Maximum MaxoutDense MelSpectrogram Merge "
        "Minimum MixUp MultiHeadAttention Multiply Normalization PReLU ParametricSoftplus Permute Pipeline "
        "RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast "
        "RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue "
        "RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness "
        "RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding "
        "SReLU STFTSpectrogram SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax Solarization "
        "SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup "
        "Subtract TFSMLayer TextVectorization TimeDistributed TorchModuleWrapper UnitNormalization UpSampling1D "
        "UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D add average concatenate "
        "deserialize dot maximum merge minimum multiply serialize subtract"
    ),
    "keras.losses": (
        "BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy "
        "CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber "
        "KLDivergence LogCosh Loss LossFunctionWrapper MeanAbsoluteError MeanAbsolutePercentageError "
        "MeanSquaredError MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky "
        "binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy "
        "categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity ctc deserialize dice "
        "get hinge huber kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error "
        "mean_squared_error mean_squared_logarithmic_error poisson serialize sparse_categorical_crossentropy "
        "squared_hinge tversky"
    ),
    "keras.metrics": (
        "AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy "
        "CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives "
        "Hinge IoU KLDivergence LogCoshError Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU "
        "MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError Metric OneHotIoU OneHotMeanIoU "
        "PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision "
        "RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy "
        "SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum TopKCategoricalAccuracy "
        "TrueNegatives TruePositives binary_accuracy categorical_accuracy concordance_correlation deserialize get "
        "pearson_correlation serialize sparse_categorical_accuracy sparse_top_k_categorical_accuracy "
        "top_k_categorical_accuracy"
    ),
    "keras.models": "clone_model",
    "keras.optimizers": (
        "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon Nadam "
        "Optimizer OptimizerMap RMSprop SGD ScheduleFreeAdamW deserialize get serialize"
    ),
    "keras.optimizers.schedules": (
        "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule "
        "PiecewiseConstantDecay PolynomialDecay deserialize serialize"
    ),
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer Regularizer deserialize get serialize",
    "keras.src.models.functional": "Functional",
}
OPS = {
    "keras.src.ops.control": ("associative_scan cond fori_loop map scan switch vectorized_map while_loop"),
    "keras.src.ops.core": (
        "cast convert_to_tensor saturate_cast scatter scatter_update slice slice_update stop_gradient unstack"
    ),
    "keras.src.ops.einops": ("rearrange"),
    "keras.src.ops.mask_of": ("mask_of"),
    "keras.src.ops.image": (
        "affine_transform crop_images extract_patches extract_patches_3d gaussian_blur hsv_to_rgb map_coordinates "
        "pad_images perspective_transform resize rgb_to_grayscale rgb_to_hsv scale_and_translate sobel_edges ssim"
    ),
    "keras.src.ops.linalg": (
        "cholesky cholesky_inverse det eig eigh inv lstsq lu_factor matrix_rank norm pinv qr solve solve_triangular svd"
    ),
    "keras.src.ops.math": (
        "cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt "
        "segment_max segment_min segment_prod segment_sum stft top_k view_as_complex view_as_real"
    ),
    "keras.src.ops.nn": (
        "adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy "
        "categorical_crossentropy celu conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv "
        "dot_product_attention elu fold gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh "
        "layer_normalization leaky_relu log_sigmoid log_softmax max_pool moments multi_hot normalize one_hot "
        "polar psnr relu relu6 rms_normalization selu separable_conv sigmoid silu soft_shrink softmax softplus "
        "softsign space_to_depth sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax squareplus "
        "swish tanh_shrink threshold unfold"
    ),
    "keras.src.ops.numpy": (
        "_open_size abs absolute add all allclose amax amin angle any append arccos arccosh arcsin arcsinh arctan "
        "arctan2 arctanh argmax argmin argpartition argsort array_split average bincount bitwise_and "
        "bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor broadcast_to "
        "cbrt ceil clip concatenate conj conjugate copy corrcoef correlate cos cosh count_nonzero cross cumprod "
        "cumsum deg2rad diag diagflat diagonal diff digitize divide divide_no_nan dot dsplit dstack einsum "
        "empty_like equal exp exp2 expand_dims expm1 fabs flip fliplr flipud floor floor_divide fmax fmin fmod "
        "full full_like gcd geomspace get_item greater greater_equal heaviside histogram hsplit hstack hypot i0 "
        "imag inner isclose isfinite isin isinf isnan isneginf isposinf isreal kaiser kron lcm ldexp left_shift "
        "less less_equal linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or "
        "logical_xor logspace matmul max maximum mean median meshgrid min minimum mod moveaxis multiply nan_to_num "
        "nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod "
        "nanquantile nanstd nansum nanvar negative nextafter nonzero not_equal ones_like outer pad percentile "
        "power prod ptp quantile rad2deg ravel real reciprocal repeat reshape right_shift roll rot90 round "
        "searchsorted select sign signbit sin sinc sinh slogdet sort split sqrt square squeeze stack std subtract "
        "sum swapaxes take take_along_axis tan tanh tensordot tile trace transpose trapezoid tril triu true_divide "
        "trunc unique unravel_index vander var vdot view vsplit vstack where zeros_like"
    ),
}


def found_in(place):
    """The names of a package's own classes and functions, each with the module that a config gives it."""
    module = importlib.import_module(f"kerasish.{place}")
    items = [getattr(module, name) for name in dir(module) if not name.startswith("_")]
    own = [item for item in items if inspect.isclass(item) or inspect.isfunction(item)]
    home = f"kerasish.{place.partition('.')[0]}"
    return {(item.__name__, public_module(item)) for item in own if item.__module__.startswith(home)}


@pytest.mark.parametrize("place", PLACES)
def test_files_say_what_they_said(place):
    written = {(name, module) for module, names in NAMES.items() for name in names.split()}
    assert found_in(place) <= written, "a name in no file before: add it to the table, or it moved by accident"


def test_no_name_has_gone():
    written = {(name, module) for module, names in NAMES.items() for name in names.split()}
    found = set().union(*map(found_in, PLACES))
    assert written == found


def test_ops_between_layers_say_what_they_said():
    written = {(name, module) for module, names in OPS.items() for name in names.split()}
    ours = {name: op for name, op in OPERATIONS.items() if op.__module__.startswith("kerasish.ops.")}
    assert {(name, serialize_operation(OpCall(op, {}))["module"]) for name, op in ours.items()} == written
