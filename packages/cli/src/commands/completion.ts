import { type Shell, script, shells } from "../completion/index.ts";
import type { CommandDeclaration } from "../declaration/index.ts";

export const completion: CommandDeclaration = {
  name: "completion",
  summary: "print a completion script for a shell",
  description:
    "The script asks `vmgs` itself what can follow: commands, options, their values, files of the store and topics.",
  args: [{ name: "SHELL", meaning: "the shell", required: true, choices: shells }],
  options: [],
  examples: [
    { command: "source <(vmgs completion bash)", meaning: "bash, in ~/.bashrc; in zsh after compinit" },
    { command: "vmgs completion fish | source", meaning: "fish, in ~/.config/fish/config.fish" },
    {
      command: "vmgs completion powershell | Out-String | Invoke-Expression",
      meaning: "PowerShell, in $PROFILE",
    },
  ],
  async run(context, args) {
    await context.stdout.write(script(args[0] as Shell));
    return 0;
  },
};
