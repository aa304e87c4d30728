# What run.sh and quality.sh make first; they source this. Sets build and work, and leaves what is no option of its own
# in options.
build=build
data=
koan=
word2vec=
eigen=
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift 2 ;;
    --data) data=$2; shift 2 ;;
    --koan) koan=$2; shift 2 ;;
    --word2vec) word2vec=$2; shift 2 ;;
    --eigen) eigen=$2; shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done
mkdir -p "$build/peers-wordvec/bin"
work=$(realpath "$build")/peers-wordvec
help=
case " ${options[*]-} " in *" --help "* | *" -h "*) help=yes ;; esac

# checkout FOLDER OWNER/NAME COMMIT: the public repository at a commit, unless the folder is there.
checkout() {
  [ -e "$1" ] && return
  echo "cloning $2"
  git clone --quiet "https://github.com/$2" "$1.part"
  git -C "$1.part" -c advice.detachedHead=false checkout --quiet "$3"
  mv "$1.part" "$1"
}

# commit_of FOLDER: of a checkout; other folders have none.
commit_of() {
  if [ -e "$1/.git" ]; then git -C "$1" rev-parse --short HEAD; else echo unknown; fi
}

# koan with the options of its CMakeLists.txt; Eigen is headers alone.
make_koan() {
  if [ -z "$koan" ]; then
    koan=$work/koan
    checkout "$koan" bloomberg/koan c22fccdd6f359b5e7f4889b9969486ed27f76894
  fi
  if [ -z "$eigen" ]; then
    tools/setup/install.sh wordvec-bench
    eigen=/usr/include/eigen3
  fi
  if [ ! -e "$eigen/Eigen/Dense" ]; then
    echo "koan needs Eigen (Debian: libeigen3-dev), which is not in $eigen; --eigen says where it is" >&2
    exit 1
  fi
  if [ "$koan/koan.cpp" -nt "$work/bin/koan" ]; then
    echo "building koan"
    cmake -S "$koan" -B "$work/koan-build" -DCMAKE_CXX_FLAGS="-isystem $(realpath "$eigen")" >/dev/null
    cmake --build "$work/koan-build" --target koan >/dev/null
    cp "$work/koan-build/koan" "$work/bin/koan"
  fi
}

# word2vec.c by its makefile, on a copy of the source.
make_word2vec() {
  if [ -z "$word2vec" ]; then
    word2vec=$work/word2vec
    checkout "$word2vec" tmikolov/word2vec 20c129af10659f7c50e86e3be406df663beff438
  fi
  if [ "$word2vec/word2vec.c" -nt "$work/bin/word2vec" ]; then
    echo "building word2vec.c"
    mkdir -p "$work/word2vec-build"
    cp "$word2vec/word2vec.c" "$word2vec/makefile" "$work/word2vec-build"
    make --no-print-directory --silent -C "$work/word2vec-build" word2vec
    cp "$work/word2vec-build/word2vec" "$work/bin/word2vec"
  fi
}

# Which sources and which compiler.
write_versions() {
  local macros=$eigen/Eigen/src/Core/util/Macros.h version
  version=$(sed -n 's/^#define EIGEN_\(WORLD\|MAJOR\|MINOR\)_VERSION \([0-9]*\)$/\2/p' "$macros" | paste -sd .)
  printf '{"koan": "%s", "word2vec.c": "%s", "Eigen": "%s", "g++": "%s"}\n' \
    "$(commit_of "$koan")" "$(commit_of "$word2vec")" "$version" "$(g++ -dumpfullversion)" >"$work/versions.json"
}

make_corpus() {
  [ -e "$work/corpus.json" ] && return
  if [ -z "$data" ]; then
    echo "--data DIR: the folder that holds imdb/train.tsv.gz, imdb/test.tsv.gz and imdb/unlabelled.txt.gz" >&2
    exit 2
  fi
  echo "writing the corpus"
  python3 bench/wordvec/prepare_imdb.py "$data/imdb" "$work"
}

make_berta() {
  make --no-print-directory build BUILD="$build"
}
