/** `vmgs help TOPIC`: concepts, in a screen each. Lines of at most 72 characters, so that man pages hold them. */

export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export const topics: readonly Topic[] = [
  {
    name: "store",
    title: "What a VMGS store is",
    text: `A VMGS file holds what a virtual machine must not forget, as up to 64
numbered files: UEFI variables (1), the state of the virtual TPM (3),
key protectors (6, 7), the provisioning marker (18) and others. It is a
fixed VHD: the store, then a footer of 512 bytes. A raw image has no
footer.

The store is divided into blocks of 4096 bytes. Blocks 0 and 1 hold two
headers; the valid one with the newer sequence number is active. It
points to the file table, which lists where each file lies.

A change writes new content to free blocks, then the other header. So a
change happens completely or not at all, and until the next change the
previous generation can be read: --generation previous.`,
  },
  {
    name: "marker",
    title: "The provisioning marker",
    text: `File 18 is a small JSON document that the program that formats a store
writes into it: its own name, the reason, and the parameters of the
virtual TPM. It is for diagnosis only. Nothing depends on it, and it is
not authenticated: every program that can write the file can change it.

reason    empty    the disk was blank
          failure  the store could not be opened, and the policy
                   allowed formatting
          request  the host asked for it

The last field is hcl_version, or provisioner_version in the shape of
newer upstream code; both are read, and --version-key chooses which one
\`vmgs provision\` writes. A development build put it into file 17.`,
  },
  {
    name: "keys",
    title: "Encryption and keys",
    text: `An encrypted store has one or two datastore keys of 32 bytes. Each of
its two key slots wraps a metadata key, which decrypts the extended file
table (63), which holds a key of its own for every encrypted file
(AES-256-GCM). Files that are read before the store can be unlocked stay
plain.

--key FILE takes 32 raw bytes, 64 hex digits or base64, distinguished by
length. - is standard input. VMGS_KEY_FILE names a file for all
commands. A key is never given on the command line itself.

vmgs key derive   derives the key from the store's own protector and
                  the tenant's private key; --tenant-key does that in
                  every command that takes --key
vmgs key check    shows which key slot a key opens
vmgs encrypt   adds the first key and encrypts the files with secrets
vmgs rekey     replaces the key with a new one
vmgs decrypt   rewrites everything in plain

Builds of the reference from 2026 zeroed the metadata key: everyone who
has such a store can read it. \`vmgs inspect\` finds that without a key,
and \`vmgs rekey --rewrite --wipe\` cures it.`,
  },
  {
    name: "lifetimes",
    title: "Guest state lifetimes: what a boot does with a store",
    text: `lifetime                blank disk  valid store   damaged store
default                 format      open          the boot fails
  reason in the marker  empty
reprovision-on-failure  format      open          format
  reason in the marker  empty                     failure
reprovision             format      format once   format
  reason in the marker  request     request       request
ephemeral               not used    not used      not used

A boot that formats leaves the marker. With reprovision the header's
\`reprovisioned\` flag is set, so that the next boot opens the store; a
boot with another lifetime clears the flag.

\`vmgs boot FILE\` shows what each of them does with a store, and why.
\`vmgs provision FILE --lifetime LIFETIME\` does what a boot would do;
--dry-run only shows it.`,
  },
  {
    name: "variables",
    title: "UEFI variables",
    text: `File 1 (BIOS_NVRAM) is a list of variables, each with a vendor GUID, a
name, attributes and bytes. Vendor and name together identify a
variable. Firmware stores non-volatile ones only, 128 KiB in all.

BootOrder, Boot####  what is booted, in which order: vmgs uefi boot
BootNext             what is booted once, before the order
PK                   the platform key; without it (setup mode),
                     every program in the guest can write the keys
KEK                  keys that may change db and dbx
db, dbx              what may be booted, and what may not:
                     vmgs uefi secure-boot

File 9 (CUSTOM_UEFI) is a JSON document with keys, certificates and
variables that firmware takes over at first boot: --file CUSTOM_UEFI.

A damaged list is shown as far as it can be read, with exit code 3; it
is not changed unless --drop-unreadable gives up the rest. Before you
change anything: --dry-run, or vmgs uefi export to bring it back.`,
  },
  {
    name: "recovery",
    title: "Getting things back: history, carve, repair",
    text: `A change writes to free blocks, then the other header. So the previous
generation is nearly always there, and older ones often survive in
blocks that were not used since. With --wipe, or after
\`vmgs wipe FILE\`, nothing survives, and the previous generation counts
as wiped.

vmgs history   the generations, and what happened between them
vmgs carve     saves old versions of files, with the evidence
vmgs repair    what is wrong, what can be done about it, and why
vmgs diff      two stores, or a store and its previous generation
vmgs convert   another container or size

\`vmgs repair FILE\` writes nothing; with --apply it first copies the file
to --backup. A damaged header is restored only when its checksum, or the
rest of its fields, prove what it was. What is not certain is offered
as an option, or named with what to do. \`vmgs carve\` also works when no
header is left.`,
  },
  {
    name: "windows",
    title: "Version 1 files of Windows",
    text: `Hyper-V on Windows keeps the state of a generation 2 VM in version 1
files: {VM ID}.vmgs in the folder "Virtual Machines", a GPT with one
partition, and two copies of JSON in it. Two headers record which copy
is current; the other one is usually the previous generation:
--generation previous.

Shut the VM down and copy the file first. Then look at the copy:

vmgs inspect        partition, headers, copies, devices, last update
vmgs doctor         what is wrong
vmgs uefi list      UEFI variables; also show, boot, secure-boot, export
vmgs cat FILE DATA  the JSON as it stands
vmgs history, diff  what the last change did
vmgs migrate        a version 3 store with the same variables

uefi set, unset, reset-boot and import change the file only with
--write-v1 and --backup. New data goes to the other copy, then the other
header leads to it; all else stays byte for byte.

The maker does not document the format. What is known comes from a
public tool that edits such files on running hosts (vmgs-utils), and
from the reader of the JSON export in OpenHCL's tools.`,
  },
  {
    name: "exit-codes",
    title: "Exit codes",
    text: `0    done, nothing wrong
1    the operation failed
2    the command was called wrongly
3    done, and what was found is bad (doctor), or the boot would fail
     or lose data (boot)
4    the store is locked and a key is needed, or the key is wrong
5    not found: the file in the store, the marker, the variable
130  interrupted

With several stores the code is 1 when any of them failed.

Errors are on standard error, with a line that begins with hint: where
there is something to do. With --json they are one JSON document:
{"error":{"code":"VMGS_WRONG_KEY","message":"...","hint":"..."}}`,
  },
];
