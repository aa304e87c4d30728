"""Microsoft's own pretraining (microsoft/DeBERTa 4d7fe0b), imported from a checkout and run on the CPU for one step.

Its models, RTDTask, trainers and optimizer are used as they are. What stands in: modules that this Python lacks and the
training does not use, torch.cuda.device for tensors on the CPU, the generator's draw (tokens are given), and, where
AdamW is asked for, torch's in place of XAdam.
"""
import collections
import collections.abc
import contextlib
import copy
import importlib
import pathlib
import sys
import types

import torch
import torch._dynamo  # asks for modules before others stand in for them

__all__ = ["Step", "Training"]


class Step:
    """What one trainer did: gradients by name as its optimizer took them, and the weights afterwards."""

    def __init__(self):
        self.losses, self.gradients, self.weights = [], {}, {}


def _stand_in(*names):
    """Empty modules for those that cannot be imported."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = types.ModuleType(name)


class _TorchAdamW:
    """torch's AdamW with the calls of Microsoft's optimizer."""

    def __init__(self, model, args):
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        decays = [p for p in self.parameters if p.dim() > 1]
        others = [p for p in self.parameters if p.dim() <= 1]
        self.clip = args.max_grad_norm
        self.adam = torch.optim.AdamW([{"params": decays, "weight_decay": args.weight_decay},
                                       {"params": others, "weight_decay": 0.0}],
                                      lr=args.learning_rate, eps=args.epsilon)

    @staticmethod
    def backward(loss):
        """Returns the scale of the loss and the loss."""
        loss.backward()
        return 1, loss.item()

    def step(self, *_):
        """Clips and steps."""
        torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.adam.step()
        return True

    def zero_grad(self):
        """Forgets the gradients."""
        self.adam.zero_grad()


class Training:
    """Microsoft's classes."""

    def __init__(self, checkout):
        sys.path.insert(0, str(checkout))
        _stand_in("six", "requests", "regex", "tqdm", "sentencepiece", "ujson", "pandas", "nltk", "sklearn", "seqeval",
                  "torch._six")
        sys.modules["torch._six"].string_classes = (str, bytes)
        collections.Sequence = collections.abc.Sequence
        torch.cuda.device = lambda _: contextlib.nullcontext()
        self.config = importlib.import_module("DeBERTa.deberta").ModelConfig
        self.models = importlib.import_module("DeBERTa.apps.models")
        self.rtd = importlib.import_module("DeBERTa.apps.tasks.rtd_task")
        self.trainer = importlib.import_module("DeBERTa.training.trainer")
        self.create_xoptimizer = self.trainer.create_xoptimizer

    def mlm_model(self, config):
        """A masked language model of a native config."""
        return self.models.MaskedLanguageModel(self.config.from_dict(config))

    def rtd_model(self, generator, discriminator, sharing):
        """Generator and discriminator of native configs."""
        both = self.config()
        both.generator, both.discriminator = self.config.from_dict(generator), self.config.from_dict(discriminator)
        both.embedding_sharing = sharing
        return self.rtd.RTDModel(both)

    def _recording(self, steps):
        """Microsoft's trainer, which also notes what its optimizer gets."""
        class Recording(self.trainer.DistributedTrainer):
            """Appends a Step for itself."""

            def __init__(self, *positional, **keywords):
                super().__init__(*positional, **keywords)
                self.note = Step()
                steps.append(self.note)
                plain = self.optimizer.step

                def step(*given):
                    self.note.gradients = {n: p.grad.clone() for n, p in self.model.named_parameters()
                                           if p.grad is not None}
                    return plain(*given)
                self.optimizer.step = step

            def _train_step(self, data, bs_scale):
                super()._train_step(data, bs_scale)
                self.note.losses.append(self.trainer_state.loss)
                self.note.weights = {n: p.detach().clone() for n, p in self.model.named_parameters()}
        return Recording

    def _prepare(self, optimizer):
        self.trainer.create_xoptimizer = (self.create_xoptimizer if optimizer == "xadam" else
                                          lambda model, args, **_: _TorchAdamW(model, args))

    @staticmethod
    def _data(_):
        """No data: batches are given to the trainers by hand."""
        return [0], 1, [0]

    def mlm_step(self, model, data, args):
        """The step of mlm: one Step."""
        self._prepare(args.optimizer)
        steps = []

        def loss(_trainer, trained, batch):
            return trained(**batch)["loss"].mean(), batch["input_ids"].size(0)
        trainer = self._recording(steps)(args, args.output_dir, model, torch.device("cpu"), self._data, loss_fn=loss,
                                         dump_interval=1 << 60)
        trainer._train_step(data, 1)
        return steps[0]

    def rtd_step(self, model, data, drawn, args):
        """The step of rtd with these drawn tokens, a list for each part of the batch: the generator's Step and the
        discriminator's, or one for both where they are not decoupled."""
        self._prepare(args.optimizer)
        parts = iter(drawn)
        model.topk_sampling = lambda logits, topk, temp: (next(parts).view(-1, 1).long(), logits.softmax(-1))
        steps, device = [], torch.device("cpu")
        recording = self._recording(steps)
        self.rtd.DistributedTrainer = recording
        pathlib.Path(args.output_dir).mkdir(exist_ok=True)
        if args.decoupled_training:
            loss = self.rtd.RTDTask.get_decoupled_loss_fn(None, copy.copy(args), model, self._data, device, 1)
            trained = model.generator
        else:
            loss = self.rtd.RTDTask.get_loss_fn(None, args)
            trained = model
        trainer = recording(args, args.output_dir, trained, device, self._data, loss_fn=loss, dump_interval=1 << 60)
        trainer._train_step(data, 1)
        return [trainer.note] + [step for step in steps if step is not trainer.note]
