"""Texts to compare tokenizers on: real ones from a data folder and made ones that look for trouble."""
import gzip
import pathlib
import random
import unicodedata

SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]", "\uff3bUNK\uff3d", "\uff3bMASK\uff3d", "[unk]",
            "[mask]", "<0x41>", "\u2581", "[MASK", "MASK]", "<|endoftext|>", "##a"]
WHITE = [" ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u180e",
         "\u2000", "\u2003", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000",
         "\ufeff"]
CONTROLS = [chr(c) for c in list(range(0x20)) + [0x7F] + list(range(0x80, 0xA0)) if c != 0x0A] + [
    "\u200c", "\u200d", "\u200e", "\u202a", "\u202e", "\u2066", "\ufff9", "\ufffc", "\ufffd", "\ufffe",
    "\uffff", "\U000e0001", "\U000e0020", "\xad"]
EMOJI = ["\U0001f600", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
         "\U0001f3f3\ufe0f\u200d\U0001f308", "\u2764\ufe0f", "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7\U0001f1ee",
         "1\ufe0f\u20e3", "\U0001f9d1\u200d\U0001f680", "\u263a", "\u00a9\ufe0f", "\u00a9\u200d\u00ae",
         "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f926\U0001f3fc\u200d\u2642\ufe0f"]
BLOCKS = [(0x20, 0x7F), (0xA0, 0x250), (0x250, 0x300), (0x370, 0x530), (0x590, 0x700), (0x900, 0xA00),
          (0xA80, 0xB80), (0xD00, 0xD80), (0xE00, 0xF00), (0xF00, 0x1000), (0x1000, 0x1200), (0x1780, 0x1800),
          (0x1E00, 0x2000), (0x2000, 0x2400), (0x2460, 0x2500), (0x2E80, 0x3300), (0x3300, 0x3400),
          (0x4E00, 0xA000), (0xA640, 0xAC00), (0xAC00, 0xD7A4), (0xF900, 0xFB50), (0xFB50, 0xFE30),
          (0xFE30, 0x10000), (0x10000, 0x10400), (0x11000, 0x11800), (0x1D400, 0x1D800), (0x1F000, 0x1FB00),
          (0x20000, 0x20100), (0x2F800, 0x2FA20), (0xE0000, 0xE0200), (0xF0000, 0xF0010)]
WORDS = "the of cat sat on mat running unhappily Dr. U.S. e-mail don't 3.14 naive caf\xe9 \xdcbung stra\xdfe".split()


def read_lines(path, limit):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for i, line in enumerate(file):
            if i == limit:
                return
            yield line.rstrip("\n")


def real_lines(data, count):
    """Reviews, novels and captions, a share of `count` each."""
    data = pathlib.Path(data)
    sources = [("imdb/test.tsv.gz", 4), ("eltec/novels.txt.gz", 8), ("multi30k/train.de.gz", 2),
               ("multi30k/train.fr.gz", 2), ("multi30k/train.en.gz", 1), ("sst2/train.tsv.gz", 2),
               ("wnut17/train.conll.gz", 1)]
    total = sum(share for _, share in sources)
    for name, share in sources:
        if (data / name).exists():
            yield from read_lines(data / name, count * share // total)


def valid(c):
    return not 0xD800 <= c < 0xE000


def any_character(r):
    """A code point, assigned or not."""
    kind = r.random()
    if kind < 0.7:
        low, high = r.choice(BLOCKS)
        c = r.randrange(low, high)
    else:
        c = r.randrange(0x110000) if kind < 0.8 else r.randrange(0x3000)
    return chr(c) if valid(c) else "?"


MARKS = [chr(c) for c in range(0x20000) if valid(c) and unicodedata.category(chr(c))[0] == "M"]
BASES = "aAeiouEIOUsSdDnNcC\u0391\u03b1\u0438\u05d0\u0627\u0915\u0939\u30ab\u306f\u1100\uac00\ufb01\u212b\u1e9b"


def marked(r):
    return r.choice(BASES) + "".join(
        chr(r.randrange(0x300, 0x370)) if r.random() < 0.6 else r.choice(MARKS) for _ in range(r.randrange(1, 5)))


def jamo(r):
    return "".join(chr(r.choice([r.randrange(0x1100, 0x1113), r.randrange(0x1161, 0x1176), r.randrange(0x11A8, 0x11C3),
                                 0xAC00 + 28 * r.randrange(399), r.randrange(0xA960, 0xA97D), r.randrange(0xD7B0, 0xD7FC)]))
                   for _ in range(r.randrange(1, 6)))


def cjk(r):
    return "".join(chr(r.randrange(0x4E00, 0x9FFF)) if r.random() < 0.7 else chr(r.randrange(0x3040, 0x3100))
                   for _ in range(r.randrange(1, 8)))


def indic(r):
    """Conjuncts: consonants joined by viramas and joiners."""
    return "".join(r.choice(["\u0915", "\u0937", "\u0930", "\u094d", "\u094d\u200d", "\u200c", "\u093f", "\u0902",
                             "\u0b95", "\u0bcd", "\u0d15", "\u0d4d", "\u1b13", "\u1b44"]) for _ in range(r.randrange(2, 8)))


PIECES = [lambda r: r.choice(WORDS), lambda r: r.choice(WORDS), lambda r: r.choice(WHITE), lambda r: " ",
          lambda r: r.choice(CONTROLS), lambda r: r.choice(EMOJI), any_character, marked, jamo, cjk, indic,
          lambda r: r.choice(SPECIALS), lambda r: r.choice(SPECIALS[:5]),
          lambda r: "".join(any_character(r) for _ in range(r.randrange(1, 12)))]


def made_line(r):
    kind = r.random()
    if kind < 0.01:  # a very long word
        return "".join(r.choice(["a", "ab", "xyz", "\xe9", "\u4e2d"]) for _ in range(r.randrange(100, 3000)))
    if kind < 0.02:
        return r.choice("abeilz\u4e2d") * r.randrange(1, 400)
    if kind < 0.12:  # one kind only
        piece = r.choice(PIECES)
        return "".join(piece(r) for _ in range(r.randrange(1, 10)))
    blank = r.choice(["", " ", " ", "  "])
    return blank.join(r.choice(PIECES)(r) for _ in range(r.randrange(0, 14)))


def made_lines(count, seed):
    r = random.Random(seed)
    for _ in range(count):
        yield made_line(r)
