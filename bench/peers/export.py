"""Each peer's own form of the model, made once: ONNX in f32 and int8, OpenVINO in f32 and int8."""

import os
import subprocess

import model_folder
import numpy as np

SEED = 7
CALIBRATION = (16, 32, 64, 96, 128, 192, 256, 384)  # lengths of the batches that NNCF looks at


def sample_inputs(vocabulary, length, batch, rng):
    """Random ids and a mask of ones, [batch, length]."""
    ids = rng.integers(1, vocabulary, (batch, length), dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def load_for_export(folder):
    """The torch module without the one branch that length-equal queries and keys never take: in a graph it is an
    `If` that OpenVINO's ONNX reader refuses and that keeps constants from being folded."""
    from transformers.models.deberta_v2 import modeling_deberta_v2 as modeling
    modeling.build_rpos = lambda query, key, relative, buckets, positions: relative
    return model_folder.load_torch(folder)


class Logits:
    """Makes a torch module that gives logits alone for ids and mask."""

    def __new__(cls, model):
        import torch

        class Wrapped(torch.nn.Module):
            """`transformers` model -> logits."""

            def __init__(self):
                super().__init__()
                self.model = model

            def forward(self, input_ids, attention_mask):
                """Logits [batch, labels]."""
                return self.model(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]

        return Wrapped().eval()


def torch_example(model):
    """Ids and mask of a batch of two, as tensors."""
    import torch
    inputs = sample_inputs(model.config.vocab_size, 40, 2, np.random.default_rng(SEED))
    return {name: torch.from_numpy(value) for name, value in inputs.items()}


def make_onnx(folder, path):
    """ONNX in f32, through torch's TorchScript exporter."""
    import torch
    model = load_for_export(folder)
    axes = {0: "batch", 1: "length"}
    example = torch_example(model)
    with torch.inference_mode():
        torch.onnx.export(Logits(model), tuple(example.values()), str(path), dynamo=False, opset_version=17,
                          input_names=list(example), output_names=["logits"],
                          dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}})


def make_onnx_int8(source, path):
    """ONNX Runtime's dynamic quantisation, a scale a channel."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(str(prepared), str(path), per_channel=True, weight_type=QuantType.QInt8,
                     op_types_to_quantize=["MatMul", "Gemm"])
    prepared.unlink()


def make_openvino(folder, path):
    """OpenVINO in f32, from the torch module."""
    import openvino
    import torch
    model = load_for_export(folder)
    with torch.inference_mode():
        converted = openvino.convert_model(Logits(model), example_input=torch_example(model))
    for port, name in zip(converted.inputs, ("input_ids", "attention_mask")):
        port.get_tensor().set_names({name})
    openvino.save_model(converted, path, compress_to_fp16=False)


def calibration(folder, texts):
    """What NNCF looks at: texts where there are some, else random ids of many lengths."""
    from transformers import AutoConfig, AutoTokenizer
    if texts:
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True)
        encoded = (tokenizer(text, return_tensors="np") for text in texts)
        return [{name: item[name].astype(np.int64) for name in ("input_ids", "attention_mask")} for item in encoded]
    rng = np.random.default_rng(SEED)
    vocabulary = AutoConfig.from_pretrained(folder).vocab_size
    return [sample_inputs(vocabulary, length, 1, rng) for length in CALIBRATION for _ in range(4)]


def make_openvino_int8(folder, source, path, texts):
    """NNCF's post-training quantisation of weights and activations, transformer preset."""
    import nncf
    import openvino
    items = calibration(folder, texts)
    quantized = nncf.quantize(openvino.Core().read_model(source), nncf.Dataset(items), subset_size=len(items),
                              model_type=nncf.ModelType.TRANSFORMER)
    openvino.save_model(quantized, path, compress_to_fp16=False)


def make_berta(command, folder, kind, path):
    """Berta's own prepared folder, the counterpart of the peers' files."""
    subprocess.run([str(command), "quantize", str(folder), "--dtype", kind, "--output", str(path)], check=True,
                   stderr=subprocess.DEVNULL)


def prepare(folder, cache, engines, texts=()):
    """Make the files that the engines need and that are not there. `texts`: for the calibration of int8."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    cache.mkdir(parents=True, exist_ok=True)
    onnx, onnx8 = cache / "f32.onnx", cache / "int8.onnx"
    vino, vino8 = cache / "f32.xml", cache / "int8.xml"
    steps = [
        ("onnxruntime", onnx, lambda: make_onnx(folder, onnx)),
        ("onnxruntime-int8", onnx8, lambda: make_onnx_int8(onnx, onnx8)),
        ("openvino", vino, lambda: make_openvino(folder, vino)),
        ("openvino-int8", vino8, lambda: make_openvino_int8(folder, vino, vino8, texts)),
    ]
    for prefix, path, step in steps:
        if any(engine.startswith(prefix) for engine in engines) and not path.exists():
            print("making %s" % path, flush=True)
            step()
