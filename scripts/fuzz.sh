#!/bin/sh
# Runs fuzzers, two at a time, SECONDS each. Inputs that reached something new are kept for the next run; an input that
# broke something is left in .cache/fuzz/NAME.found.
#
# scripts/fuzz.sh SECONDS NAME...
set -eu

seconds=$1
shift

one() {
  mkdir -p ".cache/fuzz/$1" ".cache/fuzz/$1.found"
  if ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 "build-sanitize/tests/fuzz/$1_fuzz" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -use_value_profile=1 -print_final_stats=1 -reduce_inputs=0 \
    -artifact_prefix=".cache/fuzz/$1.found/" ".cache/fuzz/$1" >".cache/fuzz/$1.log" 2>&1; then
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
