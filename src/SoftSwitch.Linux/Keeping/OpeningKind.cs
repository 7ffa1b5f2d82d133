namespace SoftSwitch.Linux.Keeping;

/// <summary>All that a keeper does (<see cref="KeeperProgram"/>).</summary>
internal enum OpeningKind
{
    /// <summary>A socket, in a namespace.</summary>
    Socket = 1,

    /// <summary>The device of taps, in a namespace: one that is made by it is there.</summary>
    Tun = 2,

    /// <summary>A program of ours at an interface of a namespace: a link, which ends with its descriptor.</summary>
    Program = 3,

    /// <summary>A new network namespace without a name.</summary>
    NewNamespace = 4,

    /// <summary>The network namespace that a path leads to.</summary>
    NamespaceAt = 5,

    /// <summary>Nothing: a socket gets a port below 1024.</summary>
    Bind = 6,
}
