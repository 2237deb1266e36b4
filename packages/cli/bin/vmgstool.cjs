#!/usr/bin/env node
require("../dist/vmgstool.cjs");
