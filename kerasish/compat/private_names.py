"""Names in Keras's private modules that packages import, and where kerasish has the same thing."""

from __future__ import annotations

# module path below `keras.src` -> {name: "module" or "module:name", below `kerasish`}
PRIVATE = {
    "saving.saving_lib": {
        "load_model": "files.saving_api",
        "save_model": "files.saving_api",
        "H5IOStore": "compat.private.h5_io_store",
        "load_weights_only": "files.saving_api:load_weights",
        "save_weights_only": "files.saving_api:save_weights",
    },
    "saving.saving_api": {
        "load_model": "files.saving_api",
        "save_model": "files.saving_api",
        "load_weights": "files.saving_api",
        "save_weights": "files.saving_api",
    },
    "saving.serialization_lib": {
        "deserialize_keras_object": "configs.serialization",
        "serialize_keras_object": "configs.serialization",
        "enable_unsafe_deserialization": "configs.serialization",
    },
    "saving.object_registration": {
        "CustomObjectScope": "configs.registration",
        "get_custom_objects": "configs.registration",
        "get_registered_name": "configs.registration",
        "get_registered_object": "configs.registration",
        "register_keras_serializable": "configs.registration",
    },
    "layers": {"DenseFeatures": "feature_column"},  # of Keras 2, on TensorFlow's feature columns
    "experimental": {"LinearModel": "feature_column", "SequenceFeatures": "feature_column"},
    "backend": {
        "any_symbolic_tensors": "compat.private.symbolic",
        "compute_output_spec": "compat.private.symbolic",
        "in_stateless_scope": "backend.stateless",
        "is_float_dtype": "backend.dtypes",
        "is_int_dtype": "backend.dtypes",
        "is_keras_tensor": "backend.graph",
        "KerasTensor": "backend.graph",
        "SUPPORTS_RAGGED_TENSORS": "compat.private.symbolic",
        "SUPPORTS_SPARSE_TENSORS": "compat.private.symbolic",
        "get_keras_mask": "backend.masks",
        "set_keras_mask": "backend.masks",
        "standardize_dtype": "backend.dtypes",
    },
    "backend.common.variables": {
        "KerasVariable": "backend.variable:Variable",
        "Variable": "backend.variable",
        "standardize_dtype": "backend.dtypes",
        "is_float_dtype": "backend.dtypes",
        "is_int_dtype": "backend.dtypes",
    },
    "backend.common.keras_tensor": {
        "KerasTensor": "backend.graph",
        "is_keras_tensor": "backend.graph",
        "any_symbolic_tensors": "compat.private.symbolic",
    },
    "backend.common.masking": {"get_keras_mask": "backend.masks", "set_keras_mask": "backend.masks"},
    "backend.config": {
        "backend": "backend.device",
        "floatx": "backend.settings",
        "epsilon": "backend.settings",
        "image_data_format": "backend.settings",
    },
    "losses": {"Reduction": "compat.private.loss_reduction"},
    "losses.losses": {"LossFunctionWrapper": "losses.loss"},
    "losses.loss": {
        "Loss": "losses.loss",
        "reduce_weighted_values": "losses.reduction",
        "squeeze_or_expand_to_same_rank": "losses.reduction",
    },
    "callbacks": {"History": "callbacks.history"},
    "layers.layer": {"Layer": "layers.base.layer"},
    "layers.input_spec": {"InputSpec": "layers.base.input_spec"},
    "layers.convolutional.base_conv": {
        "BaseConv": "layers.convolutional.base_conv",
        "Conv": "layers.convolutional.base_conv:BaseConv",
    },
    "layers.merging.base_merge": {"Merge": "layers.merging.base_merge"},
    "models.functional": {"Functional": "models.functional"},
    "trainers.trainer": {"Trainer": "models.training.trainer"},
    "trainers.data_adapters.data_adapter_utils": {
        "unpack_x_y_sample_weight": "utils.batch",
        "pack_x_y_sample_weight": "utils.batch",
        "train_validation_split": "models.data",
    },
    "utils.naming": {"to_snake_case": "backend.names", "auto_name": "backend.names:unique_name"},
    "utils.tracking": {"no_automatic_dependency_tracking": "layers.base.tracking"},
    "utils.backend_utils": {
        "in_grain_data_pipeline": "compat.private.one_place",
        "in_tf_graph": "compat.private.one_place",
    },
    "utils.legacy": {
        "deserialize_keras_object": "compat.private.legacy",
        "serialize_keras_object": "compat.private.legacy",
    },
    "utils.module_utils": {},
    "distribution": {},
    "distribution.distribution_lib": {
        "distribute_tensor": "distribution",
        "distribution": "distribution",
        "get_device_count": "distribution",
        "list_devices": "distribution",
    },
}
