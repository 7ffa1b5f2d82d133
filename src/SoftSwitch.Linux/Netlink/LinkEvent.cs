namespace SoftSwitch.Linux.Netlink;

/// <summary>News of an interface; <paramref name="Link"/> is its state after a change, or the last one before it went.</summary>
public readonly record struct LinkEvent(LinkEventKind Kind, LinkInfo Link);
