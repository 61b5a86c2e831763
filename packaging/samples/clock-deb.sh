# The same kind of package, but it writes down when it was built: no two builds agree, and the site says so.
export LC_ALL=C TZ=UTC
umask 022

mkdir sources
cat > sources/control <<'SOURCE'
Package: clock-proof
Version: 1.0.0
Architecture: all
Maintainer: Builder samples <samples@example.org>
Section: misc
Priority: optional
Description: package that cannot be reproduced
 It carries the moment of its build, so that each build differs.
SOURCE
(cd sources && sha256sum control) > build-inputs
printf 'LC_ALL=%s\nTZ=%s\nARCH=%s\n' "$LC_ALL" "$TZ" "$(uname -m)" > build-environment
dpkg-query -W -f '${Package}=${Version}\n' > system-packages

install -D -m 644 sources/control tree/DEBIAN/control
mkdir -p tree/usr/share/clock-proof
date +'built at %s.%N' | tee tree/usr/share/clock-proof/built-at

mkdir bin
dpkg-deb --root-owner-group --build tree bin/clock-proof.deb
sha256sum bin/clock-proof.deb
rm -r sources tree
