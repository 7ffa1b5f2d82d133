namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What is remembered for one port.</summary>
internal sealed class DnsShare
{
    /// <summary>Who was used last is last.</summary>
    public LinkedList<(DnsKey Key, DnsAnswer Answer, DnsShare Share)> Answers { get; } = new();

    /// <summary>What all of it costs, in bytes.</summary>
    public int Cost { get; set; }
}
