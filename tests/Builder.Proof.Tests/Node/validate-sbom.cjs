// Validates SBOMs: *.cdx.json with CycloneDX's own strict validator, *.spdx.json with SPDX's schema, and every package URL in them.
// usage: node validate-sbom.cjs SPDX-SCHEMA FILE...
// One line per file: its path, a tab, "valid" or the first thing wrong with it.
const { readFileSync } = require("node:fs");
const { Spec, Validation } = require("@cyclonedx/cyclonedx-library");
const Ajv = require("ajv");
const { PackageURL } = require("packageurl-js");

const ajv = new Ajv({ strict: false });
const cyclonedx = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const spdx = ajv.compile(JSON.parse(readFileSync(process.argv[2], "utf8")));

function packageUrls(value, found = []) {
  if (Array.isArray(value)) value.forEach((element) => packageUrls(element, found));
  else if (value && typeof value === "object")
    for (const [name, element] of Object.entries(value)) {
      if ((name === "purl" || (name === "referenceLocator" && value.referenceType === "purl"))) found.push(element);
      else packageUrls(element, found);
    }
  return found;
}

function references(document) {
  const known = new Set([document.metadata.component["bom-ref"], ...document.components.map((component) => component["bom-ref"])]);
  if (known.size !== document.components.length + 1) return "two components with the same bom-ref";
  for (const dependency of document.dependencies)
    for (const reference of [dependency.ref, ...(dependency.dependsOn ?? [])])
      if (!known.has(reference)) return `no component ${reference}`;
  return null;
}

function elements(document) {
  const known = new Set(["SPDXRef-DOCUMENT", ...document.packages.map((element) => element.SPDXID)]);
  if (known.size !== document.packages.length + 1) return "two packages with the same SPDXID";
  for (const id of known) if (!/^SPDXRef-[A-Za-z0-9.-]+$/.test(id)) return `bad SPDXID ${id}`;
  for (const relationship of document.relationships)
    for (const id of [relationship.spdxElementId, relationship.relatedSpdxElement]) if (!known.has(id)) return `no package ${id}`;
  return null;
}

async function problem(file) {
  const text = readFileSync(file, "utf8");
  const document = JSON.parse(text);
  const isCycloneDx = file.endsWith(".cdx.json");
  const errors = isCycloneDx ? await cyclonedx.validate(text) : spdx(document) ? null : spdx.errors;
  if (errors) return JSON.stringify(errors[0]);
  for (const url of packageUrls(document)) {
    const canonical = PackageURL.fromString(url).toString();
    // That library encodes more characters than the specification does.
    if (decodeURIComponent(canonical) !== decodeURIComponent(url)) return `package URL ${url} is ${canonical}`;
  }
  return isCycloneDx ? references(document) : elements(document);
}

(async () => {
  for (const file of process.argv.slice(3)) {
    let result;
    try {
      result = (await problem(file)) ?? "valid";
    } catch (error) {
      result = String(error);
    }
    console.log(`${file}\t${result}`);
  }
})();
