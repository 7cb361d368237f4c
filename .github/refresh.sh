#!/usr/bin/env bash
# Refreshes the OpenAPI document. If it has changed, writes the report of the changes and the to-do list to the file REPORT as
# Markdown; otherwise writes no file. Fails, and changes nothing, if the document cannot be taken.
#
# Usage: .github/refresh.sh REPORT [URL|FILE]
set -euo pipefail

report=${1:?the file for the report}
from=(${2:+--from "$2"})

cd "$(dirname "$0")/.."
# The bindings are type-checked offline, with all that uses them.
cargo fetch --locked
text=$(cargo xtask refresh "${from[@]}")
if git diff --quiet -- openapi generated CHANGELOG.md; then
    echo "$text"
    exit 0
fi
{
    echo "The provider's OpenAPI document has changed. Its bindings compile, and the list has the compiler's errors in what uses them. The tests are not run yet: \`cargo xtask ci\` does."
    echo
    # The to-do list is Markdown; what comes before it is aligned text.
    echo '```text'
    sed '/^To do:$/,$d' <<<"$text"
    echo '```'
    echo
    sed -n '/^To do:$/,$p' <<<"$text"
} >"$report"
echo "The report is in $report."
