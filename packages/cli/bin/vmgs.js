#!/usr/bin/env node
import "../dist/vmgs.js";
