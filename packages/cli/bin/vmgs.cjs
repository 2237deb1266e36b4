#!/usr/bin/env node
require("../dist/vmgs.cjs");
