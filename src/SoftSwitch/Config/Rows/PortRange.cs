namespace SoftSwitch.Config.Rows;

/// <summary>Transport ports from the first to the last, both included, of one protocol: <c>tcp/2222</c>, <c>udp/5000-5010</c>.</summary>
public readonly record struct PortRange(string Protocol, int First, int Last)
{
    public override string ToString() => First == Last ? $"{Protocol}/{First}" : $"{Protocol}/{First}-{Last}";
}
