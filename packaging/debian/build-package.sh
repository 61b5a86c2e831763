#!/bin/sh
# Makes builder_VERSION_ARCHITECTURE.deb of what `dotnet publish -c Release -r linux-x64 src/Builder.Cli` left; twice the same input gives twice the same bytes.
#   packaging/debian/build-package.sh [PUBLISHED-DIRECTORY [OUTPUT-DIRECTORY]]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
published=${1:-$top/artifacts/publish/Builder.Cli/release_linux-x64}
output=${2:-$top/artifacts/package}

if [ ! -x "$published/builder" ]; then
  echo "$0: there is no executable $published/builder; make it with: dotnet publish -c Release -r linux-x64 src/Builder.Cli" >&2
  exit 2
fi
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$top/Directory.Build.props")
architecture=${DEB_ARCH:-$(dpkg --print-architecture)}
# The time of all files: the last commit's, unless told.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || stat -c %Y "$published/builder")}
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
chmod 755 "$root"

install -D -m 755 "$published/builder" "$root/usr/lib/builder/builder"
for library in "$published"/lib*.so; do
  [ ! -e "$library" ] || install -D -m 644 "$library" "$root/usr/lib/builder/$(basename "$library")"
done
# Called under a name of the original it takes that role, with that program's options.
mkdir -p "$root/usr/bin"
for name in builder builder-server builder-worker builder-client builder-inspect builder-web builder-db builder-migrations; do
  ln -s ../lib/builder/builder "$root/usr/bin/$name"
done
for unit in builder-server.service builder-web.service builder-worker@.service; do
  install -D -m 644 "$top/packaging/systemd/$unit" "$root/usr/lib/systemd/system/$unit"
done
install -D -m 755 "$top/packaging/debian/worker-defaults" "$root/usr/lib/builder/worker-defaults"
install -D -m 755 "$top/packaging/apparmor/install-profile" "$root/usr/lib/builder/apparmor-profile"
install -D -m 644 "$top/packaging/apparmor/builder" "$root/usr/share/builder/apparmor/builder"
examples=$root/usr/share/doc/builder/examples
for sample in "$top"/packaging/hooks/*.sample "$top"/packaging/templates/*.sample; do
  install -D -m 644 "$sample" "$examples/$(basename "$sample")"
done
for page in README.md CHANGELOG.md docs/operate.md docs/protocol.md; do
  install -D -m 644 "$top/$page" "$root/usr/share/doc/builder/$page"
done
install -D -m 644 "$top/LICENSE" "$root/usr/share/doc/builder/copyright"

mkdir "$root/DEBIAN"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$(du -sk "$root/usr" | cut -f1)/" "$top/packaging/debian/control.in" >"$root/DEBIAN/control"
install -m 755 "$top/packaging/debian/postinst" "$top/packaging/debian/prerm" "$top/packaging/debian/postrm" "$root/DEBIAN/"
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$output"
package="$output/builder_${version}_${architecture}.deb"
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
