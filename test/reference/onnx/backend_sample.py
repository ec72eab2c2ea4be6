"""A sample of the ONNX project's own node tests: test/golden/onnx/backend.json.gz, {name: {model, inputs, outputs}} in base64.

From the PyPI package onnx (Apache License 2.0), unchanged but for being packed; NOTICE has the checksum of what this writes.
"""

import base64
import gzip
import json
from pathlib import Path

import onnx

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"
TARGET = Path(__file__).resolve().parents[2] / "golden" / "onnx" / "backend.json.gz"

PATTERNS = [
    "attention_3d", "attention_3d_attn_mask", "attention_4d_gqa", "attention_4d_causal", "attention_4d_diff_heads_sizes",
    "affine_grid_2d", "affine_grid_3d_align_corners", "averagepool_2d_ceil", "averagepool_2d_same_lower", "basic_convinteger",
    "basic_deform_conv_with_padding", "batchnorm_epsilon", "bernoulli", "celu", "clip_example", "clip_default_min",
    "col2im", "col2im_5d", "col2im_dilations", "col2im_pads", "concat_2d_axis_negative_1", "convtranspose_output_shape",
    "cumsum_2d_axis_1", "cumsum_1d_reverse_exclusive", "deform_conv_with_multiple_offset_groups", "depthtospace_crd_mode_example",
    "edge_pad", "einsum_batch_diagonal", "einsum_batch_matmul", "einsum_inner_prod", "einsum_sum", "einsum_transpose",
    "elu", "erf", "gather_elements_1", "gather_elements_negative_indices", "gathernd_example_float32", "gelu_tanh_1",
    "gemm_all_attributes", "globalmaxpool", "gridsample_bicubic", "gridsample_bilinear_align_corners_1_additional_1",
    "gridsample_reflection_padding", "gridsample_volumetric_bilinear_align_corners_0", "gridsample_zeros_padding",
    "group_normalization_epsilon", "group_normalization_example", "gru_defaults", "gru_with_initial_bias", "gru_seq_length",
    "hardmax_axis_1", "hardsigmoid", "hardswish", "instancenorm_epsilon", "l1normalization_axis_1", "l2normalization_axis_1",
    "layer_normalization_2d_axis1", "leakyrelu", "logsoftmax_axis_1", "lppool_2d_dilations", "lppool_2d_same_upper",
    "lppool_1d_default", "lrn", "lrn_default", "lstm_defaults", "lstm_with_initial_bias", "lstm_with_peepholes", "lstm_batchwise",
    "maxpool_2d_ceil", "maxpool_2d_dilations", "maxunpool_export_with_output_shape", "maxunpool_export_without_output_shape",
    "mish", "mvn", "prelu_broadcast", "qlinearconv", "reduce_log_sum_asc_axes", "reduce_prod_do_not_keepdims_random",
    "reflect_pad", "resize_upsample_scales_cubic", "resize_downsample_sizes_nearest", "reversesequence_batch",
    "rms_normalization_4d_axis1", "rms_normalization_default_axis", "rnn_seq_length", "roialign_aligned_true",
    "rotary_embedding", "rotary_embedding_3d_input", "rotary_embedding_interleaved", "rotary_embedding_with_rotary_dim",
    "scatter_elements_with_axis", "scatter_elements_with_duplicate_indices", "scatternd_add", "scatternd", "selu",
    "shrink_soft", "simple_rnn_defaults", "slice_neg_steps", "softmax_axis_1", "split_variable_parts_2d_opset13", "swish",
    "tile_precomputed", "top_k", "top_k_smallest", "tril_pos", "triu_one_row", "unsqueeze_two_axes", "upsample_nearest",
    "wrap_pad",
]


def encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def main() -> None:
    packed = {}
    for pattern in PATTERNS:
        folder = DATA / f"test_{pattern}"
        if not (folder / "model.onnx").exists():
            print("there is no", folder.name)
            continue
        data = folder / "test_data_set_0"
        numbered = lambda kind: [encode(data / f"{kind}_{i}.pb") for i in range(len(list(data.glob(f"{kind}_*.pb"))))]
        packed[folder.name] = {"model": encode(folder / "model.onnx"), "inputs": numbered("input"), "outputs": numbered("output")}
    TARGET.write_bytes(gzip.compress(json.dumps(packed).encode(), 9, mtime=0))
    print(len(packed), "tests,", TARGET.stat().st_size, "bytes, onnx", onnx.__version__)


if __name__ == "__main__":
    main()
