"""The peers behind one interface: `run(ids, mask)` gives logits for a padded batch, int64 [batch, length] each."""

import os

# Threads that have nothing to do sleep soon after a run, so that an idle worker leaves the cores to the others.
os.environ.setdefault("KMP_BLOCKTIME", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")


class Torch:
    """PyTorch, eager."""

    def __init__(self, cache, folder, kind, threads):
        import model_folder
        import torch
        self.torch = torch
        torch.set_num_threads(threads)
        self.model = model_folder.load_torch(folder, {"f32": "float32", "bf16": "bfloat16"}[kind])

    def run(self, ids, mask):
        """Logits [batch, labels]."""
        torch = self.torch
        with torch.inference_mode():
            output = self.model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
            return output.logits.float().numpy()


class OnnxRuntime:
    """ONNX Runtime, all graph optimisations."""

    def __init__(self, cache, folder, kind, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(os.path.join(cache, kind + ".onnx"), options,
                                                    providers=["CPUExecutionProvider"])

    def run(self, ids, mask):
        """Logits [batch, labels]."""
        return self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


class OpenVino:
    """OpenVINO; int8 runs what it leaves in floating point as bf16 where the machine has it."""

    def __init__(self, cache, folder, kind, threads):
        import openvino
        from openvino import properties
        hints = properties.hint
        config = {
            hints.inference_precision: openvino.Type.f32 if kind == "f32" else openvino.Type.bf16,
            hints.performance_mode: hints.PerformanceMode.LATENCY,
            properties.inference_num_threads: threads,
        }
        path = os.path.join(cache, ("int8" if kind == "int8" else "f32") + ".xml")
        self.request = openvino.Core().compile_model(path, "CPU", config).create_infer_request()

    def run(self, ids, mask):
        """Logits [batch, labels]."""
        self.request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
        return self.request.get_output_tensor(0).data.copy()


CLASSES = {"torch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVino}
PEERS = ("torch-f32", "torch-bf16", "onnxruntime-f32", "onnxruntime-int8", "openvino-f32", "openvino-bf16",
         "openvino-int8")
BERTA = ("berta-f32", "berta-bf16", "berta-int8")
