// Arrows point one way, and rooms are entered through their doors (CONTRIBUTING.md, "Rooms").
const rooms = {
  errors: [],
  arguments: ["errors"],
  layout: ["errors"],
  secret: ["errors", "layout"],
  format: ["errors", "layout"],
  action: ["errors", "format"],
  steps: ["errors", "secret"],
  source: ["errors", "steps"],
  disk: ["errors", "format", "steps", "source"],
  store: ["errors", "layout", "secret", "format", "steps", "source", "disk"],
  certificate: ["layout"],
  tpm: ["errors", "layout", "secret", "certificate"],
  uefi: ["errors", "layout", "certificate"],
  guest: ["errors", "layout", "secret", "format", "certificate", "tpm"],
  pe: ["errors", "layout", "steps", "source"],
  v1: ["errors", "layout", "format", "steps", "source", "disk", "uefi"],
  "guest-state": ["errors", "layout", "secret", "format", "steps", "source", "disk", "store", "uefi", "v1"],
  provisioning: ["errors", "format", "secret", "steps", "source", "disk", "store", "tpm"],
  migration: ["errors", "format", "secret", "steps", "source", "disk", "store", "provisioning", "uefi", "v1"],
  comparison: [
    "errors",
    "layout",
    "secret",
    "format",
    "steps",
    "source",
    "disk",
    "store",
    "tpm",
    "uefi",
    "v1",
    "guest-state",
  ],
  recovery: [
    "errors",
    "layout",
    "secret",
    "format",
    "steps",
    "source",
    "disk",
    "store",
    "tpm",
    "uefi",
    "comparison",
    "v1",
    "action",
  ],
  protection: [
    "errors",
    "layout",
    "secret",
    "format",
    "certificate",
    "steps",
    "source",
    "disk",
    "store",
    "guest",
  ],
  inspect: ["errors", "layout", "secret", "format", "steps", "source", "disk", "store", "guest"],
  diagnose: [
    "errors",
    "layout",
    "secret",
    "format",
    "steps",
    "source",
    "disk",
    "store",
    "tpm",
    "uefi",
    "v1",
    "guest",
    "provisioning",
    "inspect",
    "action",
  ],
};
rooms.report = Object.keys(rooms);

// Checks of arguments are used by every room that has a public function.
for (const [room, allowed] of Object.entries(rooms)) {
  if (room !== "errors" && room !== "arguments") allowed.unshift("arguments");
}

const library = "^packages/vmgs/src";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      comment: `${room} may import ${allowed.join(", ") || "no other room"}`,
      severity: "error",
      from: { path: `${library}/${room}/`, pathNot: "\\.test\\.ts$" },
      to: {
        path: `${library}/`,
        pathNot: [`${library}/${room}/`, ...allowed.map((name) => `${library}/${name}/`)],
      },
    })),
    {
      name: "doors",
      comment:
        "a room is entered through its index.ts only; some also through rooms.ts, by rooms of the library",
      severity: "error",
      from: { path: `${library}/([^/]+)/`, pathNot: "\\.test\\.ts$" },
      to: {
        path: `${library}/[^/]+/.+`,
        pathNot: [`${library}/$1/`, `${library}/[^/]+/index\\.ts$`, `${library}/(store|v1)/rooms\\.ts$`],
      },
    },
    {
      name: "outer-doors",
      comment: "the library's own doors re-export rooms, nothing behind them",
      severity: "error",
      from: { path: `${library}/[^/]+\\.ts$` },
      to: { path: `${library}/[^/]+/.+`, pathNot: `${library}/[^/]+/index\\.ts$` },
    },
    {
      name: "node-uses-the-public-store",
      severity: "error",
      from: { path: `${library}/node/` },
      to: { path: `${library}/store/rooms\\.ts$` },
    },
    {
      name: "core-is-browser-safe",
      comment: "only src/node and tests may use Node",
      severity: "error",
      from: { path: library, pathNot: [`${library}/node/`, "\\.test\\.ts$"] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-knows-no-node-room",
      severity: "error",
      from: { path: library, pathNot: `${library}/node/` },
      to: { path: `${library}/node/` },
    },
    {
      name: "command-line-uses-the-library-as-others-do",
      severity: "error",
      from: { path: "^packages/cli/(src|test)" },
      to: {
        path: "^packages/vmgs/(src|dist)/",
        pathNot:
          "^packages/vmgs/(src|dist)/(index|structures|[a-z0-9-]+/index|node/tpm-engines/index)\\.(ts|js|d\\.ts)$",
      },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "declared-dependencies-only",
      severity: "error",
      from: { path: "^packages/[^/]+/src" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
