namespace SoftSwitch.Linux.Nftables;

/// <summary>What a chain of nf_tables is known by.</summary>
internal readonly record struct ListedChain(byte Family, string Table, string Name);
