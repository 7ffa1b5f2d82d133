namespace SoftSwitch.Linux.Netlink;

/// <summary>What happened to an interface.</summary>
public enum LinkEventKind
{
    /// <summary>It appeared, or something about it changed.</summary>
    Changed,

    /// <summary>It was deleted, or moved to another namespace.</summary>
    Removed,
}
