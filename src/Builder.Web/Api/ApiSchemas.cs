namespace Builder.Web.Api;

/// <summary>Shapes of the JSON, as JSON Schema.</summary>
internal static class ApiSchemas
{
    public const string Json = """
        {
          "Problem": {"type": "object", "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
            "removed_build": {"$ref": "#/components/schemas/RemovedBuild"}, "removed_left": {"$ref": "#/components/schemas/RemovedBuild"}, "removed_right": {"$ref": "#/components/schemas/RemovedBuild"},
            "same_content": {"type": "string", "description": "Path of another build's file with the same content."}}},
          "RemovedBuild": {"type": "object", "properties": {"job": {"type": "string"}, "uuid": {"type": "string", "format": "uuid"}, "platform": {"type": "string"},
            "start_time": {"type": "string", "format": "date-time"}, "finish_time": {"type": "string", "format": "date-time"}, "result": {"type": "string"},
            "input_id": {"type": ["string", "null"]}, "main_binary": {"type": ["object", "null"], "properties": {"filename": {"type": "string"}, "sha256": {"type": ["string", "null"]}}}, "removed": {"type": "string", "format": "date-time"}}},
          "Solo5Manifest": {"type": "object", "required": ["type", "version", "devices"], "properties": {"type": {"const": "solo5.manifest"}, "version": {"type": "integer"},
            "devices": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "type": {"enum": ["NET_BASIC", "BLOCK_BASIC"]}}}}}},
          "Solo5Abi": {"type": "object", "required": ["type", "target", "version"], "properties": {"type": {"const": "solo5.abi"}, "target": {"enum": ["hvt", "spt", "virtio", "muen", "genode", "xen"]}, "version": {"type": "integer"}}},
          "Job": {"type": "object", "required": ["name", "synopsis"], "properties": {"name": {"type": "string"}, "synopsis": {"type": ["string", "null"]},
            "latest": {"type": "object", "properties": {"uuid": {"type": "string", "format": "uuid"}, "solo5_manifest": {"$ref": "#/components/schemas/Solo5Manifest"}, "solo5_abi": {"$ref": "#/components/schemas/Solo5Abi"}}}}},
          "Jobs": {"type": "object", "required": ["jobs", "jobs_by_section"], "properties": {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
            "jobs_by_section": {"type": "object", "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}}}},
          "Builds": {"type": "object", "required": ["builds"], "properties": {"builds": {"type": "array", "items": {"type": "object", "required": ["uuid", "main_binary"], "properties": {"uuid": {"type": "string", "format": "uuid"},
            "main_binary": {"type": ["object", "null"], "properties": {"filename": {"type": "string"}, "sha256": {"type": "string"}, "size": {"type": "integer"}}},
            "not_reproducible": {"$ref": "#/components/schemas/NotReproducible"}}}}}},
          "Build": {"type": "object", "required": ["job", "uuid", "platform", "start_time", "finish_time", "main_binary"], "properties": {"job": {"type": "string"}, "uuid": {"type": "string", "format": "uuid"}, "platform": {"type": "string"},
            "start_time": {"type": "string", "format": "date-time"}, "finish_time": {"type": "string", "format": "date-time"}, "main_binary": {"type": "boolean"},
            "solo5_manifest": {"$ref": "#/components/schemas/Solo5Manifest"}, "solo5_abi": {"$ref": "#/components/schemas/Solo5Abi"}, "not_reproducible": {"$ref": "#/components/schemas/NotReproducible"}}},
          "NotReproducible": {"type": "object", "description": "There only where builds of the same inputs have another main binary.", "required": ["state"], "properties": {"state": {"enum": ["known", "computing", "unknown"]},
            "cause": {"enum": ["timestamp", "build-path", "random", "ordering", "file-metadata", "host", "locale", "compression", "code", "content"]},
            "path": {"type": "string"}, "left": {"type": "string"}, "right": {"type": "string"}, "fix": {"type": "string"},
            "expected": {"type": "boolean", "description": "The schedule of the job expects each difference."}}},
          "ComparedBuild": {"type": "object", "properties": {"job": {"type": "string"}, "uuid": {"type": "string", "format": "uuid"}, "platform": {"type": "string"}, "start_time": {"type": "string", "format": "date-time"},
            "finish_time": {"type": "string", "format": "date-time"}, "main_binary": {"type": "boolean"}, "main_binary_size": {"type": ["integer", "null"]}}},
          "NamedVersions": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "version": {"type": "string"}}}},
          "VersionChanges": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "version_left": {"type": "string"}, "version_right": {"type": "string"}}}},
          "NamedDifference": {"type": "object", "properties": {"left_packages": {"$ref": "#/components/schemas/NamedVersions"}, "right_packages": {"$ref": "#/components/schemas/NamedVersions"}, "different_versions": {"$ref": "#/components/schemas/VersionChanges"}}},
          "Comparison": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/ComparedBuild"}, "right": {"$ref": "#/components/schemas/ComparedBuild"},
            "env_diff": {"$ref": "#/components/schemas/NamedDifference"}, "package_diff": {"$ref": "#/components/schemas/NamedDifference"},
            "opam_diff": {"type": "object", "properties": {
              "opam_diff": {"type": "array", "items": {"type": "object", "properties": {"package_version": {"type": "string"}, "effectively_equal": {"type": "boolean"}, "diff": {"type": "string"}}}},
              "version_diff": {"$ref": "#/components/schemas/VersionChanges"}, "only_in_left": {"$ref": "#/components/schemas/NamedVersions"}, "only_in_right": {"$ref": "#/components/schemas/NamedVersions"},
              "duniverse_diff": {"oneOf": [{"type": "string"}, {"type": "object"}]}}},
            "binary_diff": {"type": "object", "properties": {"problem": {"type": "string"}, "modules": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/SizeChange"},
              {"type": "object", "properties": {"kind": {"type": "string"}, "changed_units": {"type": "array", "items": {"$ref": "#/components/schemas/SizeChange"}}}}]}}}},
            "difference": {"$ref": "#/components/schemas/Difference"}}},
          "Difference": {"type": "object", "properties": {"status": {"enum": ["computing", "failed"], "description": "Only where there is no answer."}, "reason": {"type": "string"},
            "same": {"type": "boolean"}, "left": {"$ref": "#/components/schemas/ComparedFiles"}, "right": {"$ref": "#/components/schemas/ComparedFiles"},
            "causes": {"type": "array", "items": {"$ref": "#/components/schemas/Cause"}}, "root": {"oneOf": [{"$ref": "#/components/schemas/DifferenceNode"}, {"type": "null"}]}}},
          "ComparedFiles": {"type": "object", "properties": {"path": {"type": "string"}, "size": {"type": "integer"}, "sha256": {"type": "string"}}},
          "Cause": {"type": "object", "required": ["cause", "path", "left", "right", "fix"], "properties": {
            "cause": {"enum": ["timestamp", "build-path", "random", "ordering", "file-metadata", "host", "locale", "compression", "code", "content"]},
            "path": {"type": "string"}, "left": {"type": "string"}, "right": {"type": "string"}, "fix": {"type": "string"}, "count": {"type": "integer", "description": "Places with this cause."}}},
          "DifferenceNode": {"type": "object", "required": ["path", "kind", "status"], "properties": {"path": {"type": "string"}, "kind": {"type": "string"},
            "status": {"enum": ["changed", "only_left", "only_right", "moved", "same"]}, "follows": {"type": "boolean", "description": "It follows from another difference."},
            "left": {"type": "object", "properties": {"size": {"type": "integer"}, "sha256": {"type": "string"}}}, "right": {"type": "object", "properties": {"size": {"type": "integer"}, "sha256": {"type": "string"}}},
            "causes": {"type": "array", "items": {"$ref": "#/components/schemas/Cause"}},
            "changes": {"type": "array", "items": {"type": "object", "properties": {"type": {"enum": ["field", "lines", "bytes", "symbols", "members", "order"]}, "place": {"type": "string"},
              "left": {"type": ["string", "null"]}, "right": {"type": ["string", "null"]}, "text": {"type": "string"}, "follows": {"type": "boolean"}}}},
            "notices": {"type": "array", "items": {"type": "string"}}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/DifferenceNode"}}}},
          "Log": {"type": "object", "required": ["origin", "size", "root", "key", "witnesses"], "properties": {"origin": {"type": "string"}, "size": {"type": "integer"}, "root": {"type": "string", "description": "Base64."},
            "key": {"type": ["string", "null"]}, "witnesses": {"type": "array", "items": {"type": "object", "required": ["name", "time"], "properties": {"name": {"type": "string"}, "time": {"type": ["string", "null"], "format": "date-time"}}}}}},
          "TrustedRoot": {"type": "object", "required": ["mediaType", "tlogs"], "properties": {"mediaType": {"type": "string"}, "tlogs": {"type": "array", "items": {"type": "object", "properties": {"baseUrl": {"type": "string"},
            "hashAlgorithm": {"type": "string"}, "publicKey": {"type": "object", "properties": {"rawBytes": {"type": "string"}, "keyDetails": {"type": "string"},
            "validFor": {"type": "object", "properties": {"start": {"type": "string", "format": "date-time"}}}}}, "logId": {"type": "object", "properties": {"keyId": {"type": "string"}}}}}}}},
          "UploadLimit": {"type": "object", "required": ["max_bytes"], "properties": {"max_bytes": {"type": "integer"}}},
          "SizeChange": {"type": "object", "properties": {"name": {"type": "string"}, "left_size": {"type": "integer"}, "right_size": {"type": "integer"}, "difference": {"type": "integer"}}}
        }
        """;
}
