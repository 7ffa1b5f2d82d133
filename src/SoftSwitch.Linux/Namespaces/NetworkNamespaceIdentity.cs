namespace SoftSwitch.Linux.Namespaces;

/// <summary>What tells one namespace from another while either lives: device and inode of its file in nsfs (namespaces(7)).</summary>
public readonly record struct NetworkNamespaceIdentity(ulong Device, ulong Inode);
