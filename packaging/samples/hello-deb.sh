# A Debian package whose bytes depend on its sources alone: built again, it is the same file.
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1763769600
umask 022

mkdir sources
cat > sources/hello-proof <<'SOURCE'
#!/bin/sh
echo "hello: this file was built twice and came out the same"
SOURCE
cat > sources/control <<'SOURCE'
Package: hello-proof
Version: 1.0.0
Architecture: all
Maintainer: Builder samples <samples@example.org>
Section: misc
Priority: optional
Description: greeting that can be reproduced
 Prints one line. Its package is made with sorted entries, fixed times and no
 owner of the machine it was built on.
SOURCE

echo "1/3 record what goes in"
(cd sources && sha256sum control hello-proof) > build-inputs
printf 'LC_ALL=%s\nSOURCE_DATE_EPOCH=%s\nTZ=%s\nARCH=%s\n' "$LC_ALL" "$SOURCE_DATE_EPOCH" "$TZ" "$(uname -m)" > build-environment
dpkg-query -W -f '${Package}=${Version}\n' > system-packages
wc -l build-inputs build-environment system-packages

echo "2/3 lay out the package"
install -D -m 755 sources/hello-proof tree/usr/bin/hello-proof
install -D -m 644 sources/control tree/DEBIAN/control
find tree -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

echo "3/3 make it"
mkdir bin
dpkg-deb --root-owner-group --uniform-compression -Zxz --build tree bin/hello-proof.deb
dpkg-deb --info bin/hello-proof.deb
sha256sum bin/hello-proof.deb

cat > README.md <<'TEXT'
# hello-proof

A greeting as a Debian package. `sudo dpkg -i hello-proof.deb` installs it, `hello-proof` says hello.

Every build of these sources gives the same bytes: compare the SHA-256 of any two builds of this job.
TEXT
rm -r sources tree
