#!/usr/bin/env bash
# Fails if a tag is not that of this version with its part of the changelog, or if the packages cannot be published.
#
# Usage: .github/release.sh TAG
set -euo pipefail

tag=${1:?the tag, such as v0.1.0}
cd "$(dirname "$0")/.."

fail() {
    echo "$1" >&2
    exit 1
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
[ "$tag" = "v$version" ] || fail "the tag is $tag, and the version in Cargo.toml $version"
grep -q "^## $version" CHANGELOG.md || fail "CHANGELOG.md has no part for $version"
! grep -q 'github.com/OWNER/' Cargo.toml || fail "Cargo.toml still has the placeholder OWNER"

packages=()
for package in genesiscloud-codegen genesiscloud-bindings genesiscloud genesiscloud-redis genesiscloud-sandbox; do
    packages+=(--package "$package")
done
cargo publish --dry-run --locked "${packages[@]}"
