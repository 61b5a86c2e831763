#!/bin/sh
# Makes builder_VERSION_ARCHITECTURE.deb, and builder-dbgsym_… of the debug symbols if there are any, of what
# `dotnet publish -c Release -r linux-x64 src/Builder.Cli` left. Twice the same input gives twice the same bytes.
#   packaging/debian/build-package.sh [PUBLISHED-DIRECTORY [OUTPUT-DIRECTORY [MANUAL-DIRECTORY]]]
# MANUAL-DIRECTORY has what `builder manual DIRECTORY` wrote. Give it where the executable does not run on this machine.
# Environment: DEB_MAINTAINER ("Name <mail>"; otherwise the author of the last commit), DEB_ARCH, SOURCE_DATE_EPOCH, STRIP and READELF of a cross compiler.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
published=${1:-$top/artifacts/publish/Builder.Cli/release_linux-x64}
output=${2:-$top/artifacts/package}
manual=${3:-}

if [ ! -x "$published/builder" ]; then
  echo "$0: there is no executable $published/builder; make it with: dotnet publish -c Release -r linux-x64 src/Builder.Cli" >&2
  exit 2
fi
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$top/Directory.Build.props")
architecture=${DEB_ARCH:-$(dpkg --print-architecture)}
maintainer=${DEB_MAINTAINER:-$(git -C "$top" log -1 --format='%an <%ae>' 2>/dev/null || true)}
case $maintainer in
  ?*' <'?*@?*'>') ;;
  *)
    echo "$0: the maintainer \"$maintainer\" is not of the form \"Name <mail@host>\"; set DEB_MAINTAINER" >&2
    exit 2
    ;;
esac
# The time of all files: the last commit's, unless told.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || stat -c %Y "$published/builder")}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# ROOT: its DEBIAN directory has all but the checksums and the size. Other arguments go to dpkg-deb. Prints the package's name.
build() {
  root=$1
  shift
  chmod 755 "$root" "$root/DEBIAN"
  sed -i "s/@SIZE@/$(du -sk --apparent-size "$root/usr" | cut -f1)/" "$root/DEBIAN/control"
  (cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
  find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  name=$(sed -n 's/^Package: //p' "$root/DEBIAN/control")
  package="$output/${name}_${version}_${architecture}.deb"
  dpkg-deb --root-owner-group "$@" --build "$root" "$package" >/dev/null
  echo "$package"
}

# FILE TARGET: fills in the fields.
control() {
  awk -v version="$version" -v architecture="$architecture" -v maintainer="$maintainer" -v build="${build_id:-}" \
    'function put(name, value,  at) { if (at = index($0, name)) $0 = substr($0, 1, at - 1) value substr($0, at + length(name)) }
     { put("@VERSION@", version); put("@ARCHITECTURE@", architecture); put("@MAINTAINER@", maintainer); put("@BUILD_ID@", build); print }' "$1" >"$2"
}

root=$work/builder
mkdir -p "$root/DEBIAN"
install -D -m 755 "$published/builder" "$root/usr/lib/builder/builder"
for library in "$published"/lib*.so; do
  [ -e "$library" ] || continue
  install -m 644 "$library" "$root/usr/lib/builder/$(basename "$library")"
  "${STRIP:-strip}" --strip-unneeded "$root/usr/lib/builder/$(basename "$library")"
done
# Called under a name of the original it takes that role, with that program's options.
names='builder builder-server builder-worker builder-client builder-inspect builder-web builder-db builder-migrations orb'
mkdir -p "$root/usr/bin"
for name in $names; do
  ln -s ../lib/builder/builder "$root/usr/bin/$name"
done
for unit in builder-server.service builder-signer.service builder-web.service builder-worker@.service; do
  install -D -m 644 "$top/packaging/systemd/$unit" "$root/usr/lib/systemd/system/$unit"
done
install -D -m 755 "$top/packaging/debian/worker-defaults" "$root/usr/lib/builder/worker-defaults"
install -D -m 755 "$top/packaging/apparmor/install-profile" "$root/usr/lib/builder/apparmor-profile"
install -D -m 644 "$top/packaging/apparmor/builder" "$root/usr/share/builder/apparmor/builder"

# Manual pages and completions. The environment of whoever makes the package must not appear as a default in them.
if [ -z "$manual" ]; then
  manual=$work/manual
  if ! env -i PATH="$PATH" HOME=/nonexistent ${DOTNET_ROOT:+DOTNET_ROOT="$DOTNET_ROOT"} SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "$published/builder" manual "$manual"; then
    echo "$0: $published/builder wrote no manual pages; give a directory with those that \"builder manual DIRECTORY\" wrote" >&2
    exit 2
  fi
fi
for page in "$manual"/man/*.1; do
  target=$root/usr/share/man/man1/$(basename "$page").gz
  mkdir -p "$(dirname "$target")"
  gzip -9n <"$page" >"$target"
done
install -D -m 644 "$manual/bash/builder" "$root/usr/share/bash-completion/completions/builder"
install -D -m 644 "$manual/zsh/_builder" "$root/usr/share/zsh/vendor-completions/_builder"
install -D -m 644 "$manual/fish/builder.fish" "$root/usr/share/fish/vendor_completions.d/builder.fish"
# bash and fish look for a file of the program's name; the file for zsh has all names in its first line.
for name in $names; do
  [ "$name" != builder ] || continue
  ln -s builder "$root/usr/share/bash-completion/completions/$name"
  ln -s builder.fish "$root/usr/share/fish/vendor_completions.d/$name.fish"
done

documents=$root/usr/share/doc/builder
for sample in "$top"/packaging/hooks/*.sample "$top"/packaging/templates/*.sample; do
  install -D -m 644 "$sample" "$documents/examples/$(basename "$sample")"
done
for page in README.md CHANGELOG.md docs/operate.md docs/protocol.md docs/drop-in.md docs/verify.md docs/trust.md docs/rebuild.md; do
  install -D -m 644 "$top/$page" "$documents/$page"
done
install -m 644 "$top/LICENSE" "$documents/copyright"
date=$(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')
awk -v version="$version" -v maintainer="$maintainer" -v date="$date" -f "$top/packaging/debian/changelog.awk" "$top/CHANGELOG.md" |
  gzip -9n >"$documents/changelog.gz"
if grep -q -a 'inflate [0-9.]* Copyright' "$published/builder"; then
  install -D -m 644 "$top/packaging/debian/lintian-overrides" "$root/usr/share/lintian/overrides/builder"
fi
chmod -R u=rwX,go=rX "$root/usr"

control "$top/packaging/debian/control.in" "$root/DEBIAN/control"
install -m 755 "$top/packaging/debian/postinst" "$top/packaging/debian/prerm" "$top/packaging/debian/postrm" "$root/DEBIAN/"
mkdir -p "$output"
build "$root"

# The debug symbols, where debuggers look for them by the build id.
if [ -e "$published/builder.dbg" ]; then
  build_id=$("${READELF:-readelf}" --notes "$published/builder" | sed -n 's/.*Build ID: \([0-9a-f]*\).*/\1/p')
  if [ -z "$build_id" ]; then
    echo "$0: $published/builder has no build id, which its debug symbols need" >&2
    exit 2
  fi
  root=$work/builder-dbgsym
  rest=${build_id#??}
  mkdir -p "$root/DEBIAN" "$root/usr/share/doc"
  install -D -m 644 "$published/builder.dbg" "$root/usr/lib/debug/.build-id/${build_id%"$rest"}/$rest.debug"
  ln -s builder "$root/usr/share/doc/builder-dbgsym"
  control "$top/packaging/debian/control-dbgsym.in" "$root/DEBIAN/control"
  # Its sections are compressed already: more effort takes minutes and saves little.
  build "$root" -Zxz -z1
fi
