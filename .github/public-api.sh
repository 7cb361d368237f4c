#!/usr/bin/env bash
# Prints, as Markdown, what has changed in the public API of each library since the last release. Needs cargo-public-api and a
# nightly toolchain. Before the first release it prints that there is none.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! release=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
    echo "There is no release to compare the public API with."
    exit 0
fi
for package in genesiscloud genesiscloud-redis genesiscloud-sandbox; do
    echo "### $package since $release"
    echo '```diff'
    cargo public-api --simplified --package "$package" diff "$release..HEAD"
    echo '```'
done
