namespace SoftSwitch.Packets;

/// <summary>Ports of the host that are forwarded, and where.</summary>
/// <param name="Ports">The ports, all of one protocol.</param>
/// <param name="On">The one address of the host that they are forwarded at; null: all that it has.</param>
public readonly record struct ForwardedPorts(TransportPorts Ports, Ipv4Address? On)
{
    public bool IsAt(Ipv4Address address) => On is null || On == address;

    /// <summary>One by one.</summary>
    public IEnumerable<ForwardedPort> Each()
    {
        var on = On;
        return Ports.Each().Select(port => new ForwardedPort(port, on));
    }

    /// <summary>As the configuration has it: <c>tcp/2222</c>, <c>udp/53 on 192.0.2.10</c>.</summary>
    public override string ToString() => On is null ? $"{Ports}" : $"{Ports} on {On}";
}
