// Checks the manifests of a directory against the published schemas of Kubernetes and KEDA, as kubernetes-models has them: values by its validators, names of
// fields by its types (the validators let unknown fields pass). Prints {"problems": [...], "commands": [[word, ...], ...]}: what the containers run.
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.NODE_PATH;
const require = createRequire(join(modules, "-"));
const yaml = require("yaml");
const ts = require("typescript");
const directory = process.argv[2];

const packages = {
  v1: ["kubernetes-models", "v1"],
  "apps/v1": ["kubernetes-models", "apps/v1"],
  "networking.k8s.io/v1": ["kubernetes-models", "networking.k8s.io/v1"],
  "keda.sh/v1alpha1": ["@kubernetes-models/keda", "keda.sh/v1alpha1"],
};

const problems = [];
const commands = [];
const objects = [];
const files = readdirSync(directory).filter(name => name.endsWith(".yaml")).sort();
const kustomization = yaml.parse(readFileSync(join(directory, "kustomization.yaml"), "utf8"));
if (files.filter(name => name !== "kustomization.yaml").join() !== [...kustomization.resources].sort().join())
  problems.push("kustomization.yaml: its resources are not the files that are there");

for (const name of kustomization.resources.filter(name => files.includes(name))) {
  for (const document of yaml.parseAllDocuments(readFileSync(join(directory, name), "utf8"), { merge: true })) {
    for (const error of document.errors) problems.push(`${name}: ${error.message}`);
    const object = document.toJS();
    const where = `${name}: ${object.kind} ${object.metadata?.name}`;
    const [module, path] = packages[object.apiVersion] ?? [];
    if (!module) {
      problems.push(`${where}: apiVersion ${object.apiVersion} is not known here`);
      continue;
    }
    const models = await import(pathToFileURL(join(modules, module, path, "index.js")));
    try {
      new models[object.kind](object).validate();
    } catch (error) {
      problems.push(`${where}: ${error.message}`);
    }
    objects.push({ object, where, module, path });
    const template = object.spec?.template ?? object.spec?.jobTargetRef?.template;
    if (!template) continue;
    for (const [key, value] of Object.entries(object.spec.selector?.matchLabels ?? {}))
      if (template.metadata.labels[key] !== value) problems.push(`${where}: the selector does not match the pods`);
    if (template.spec.securityContext?.runAsNonRoot !== true) problems.push(`${where}: pods may be root`);
    for (const container of [...(template.spec.initContainers ?? []), ...template.spec.containers]) {
      commands.push(container.args);
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe])
        if (probe?.exec) commands.push(probe.exec.command.slice(1));
      if (container.securityContext?.allowPrivilegeEscalation !== false || container.securityContext?.capabilities?.drop?.[0] !== "ALL")
        problems.push(`${where}: container ${container.name} is not restricted`);
      if (!container.resources?.limits?.memory) problems.push(`${where}: container ${container.name} has no limit of memory`);
      for (const mount of container.volumeMounts ?? [])
        if (![...(template.spec.volumes ?? []), ...(object.spec.volumeClaimTemplates ?? []).map(claim => claim.metadata)].some(volume => volume.name === mount.name))
          problems.push(`${where}: container ${container.name} mounts ${mount.name}, which is no volume`);
    }
  }
}

const place = mkdtempSync(join(tmpdir(), "builder-test-kubernetes-"));
try {
  symlinkSync(modules, join(place, "node_modules"));
  const source = objects
    .map(({ object, module, path }, index) => `import type { I${object.kind} as I${index} } from "${module}/${path}";\nconst o${index}: I${index} = ${JSON.stringify(object)};\n`)
    .join("");
  const file = join(place, "manifests.ts");
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start).line ?? 0;
    problems.push(`${objects[line >> 1]?.where ?? "types"}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`);
  }
} finally {
  rmSync(place, { recursive: true });
}
console.log(JSON.stringify({ problems, commands }));
