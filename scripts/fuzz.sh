#!/bin/sh
# Runs fuzzers, two at a time, SECONDS each. Inputs that reached something new are kept for the next run; an input that
# broke something is left in .cache/fuzz/NAME.found. With FUZZ_SEED set (a number) nothing is kept or drawn by chance:
# the same inputs in the same order, so that a gate says the same of the same source.
#
# scripts/fuzz.sh SECONDS NAME...
set -eu

seconds=$1
shift

# 300 bytes: of chance, or of a seed's digests.
bytes() {
  if [ -z "${FUZZ_SEED:-}" ]; then
    head -c 300 /dev/urandom
  else
    for part in 1 2 3 4 5; do printf '%s' "$FUZZ_SEED.$1.$part" | sha512sum; done | head -c 300
  fi
}

one() {
  [ -z "${FUZZ_SEED:-}" ] || rm -rf ".cache/fuzz/$1"
  mkdir -p ".cache/fuzz/$1" ".cache/fuzz/$1.found"
  # Long inputs from the start: what is worth finding needs more than the few bytes that a fuzzer begins with.
  if [ -z "$(ls ".cache/fuzz/$1")" ]; then
    for i in 1 2 3 4 5 6 7 8; do bytes "$i" >".cache/fuzz/$1/seed$i"; done
  fi
  # Kept inputs that are well-formed: whole texts and files, which chance does not find.
  kept="" longest=600
  if [ -d "tests/fuzz/corpus/$1" ]; then kept="tests/fuzz/corpus/$1" longest=6000; fi
  if ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 "build-sanitize/tests/fuzz/$1_fuzz" \
    -max_total_time="$seconds" -seed="${FUZZ_SEED:-0}" -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 -max_len=$longest -len_control=0 \
    -artifact_prefix=".cache/fuzz/$1.found/" ".cache/fuzz/$1" $kept >".cache/fuzz/$1.log" 2>&1; then
    echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' ".cache/fuzz/$1.log") inputs, nothing found"
  else
    tail -60 ".cache/fuzz/$1.log"
    echo "$1: failed; the input is in .cache/fuzz/$1.found"
    return 1
  fi
}

failed=0
while [ $# -gt 0 ]; do
  one "$1" & first=$!
  second=""
  if [ $# -gt 1 ]; then one "$2" & second=$!; shift; fi
  shift
  wait "$first" || failed=1
  [ -z "$second" ] || wait "$second" || failed=1
done
exit $failed
