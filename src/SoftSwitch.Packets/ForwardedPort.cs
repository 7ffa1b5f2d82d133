namespace SoftSwitch.Packets;

/// <summary>One port of <see cref="ForwardedPorts"/>.</summary>
/// <param name="Port">The port.</param>
/// <param name="On">The one address of the host that it is forwarded at; null: all that it has.</param>
public readonly record struct ForwardedPort(TransportPort Port, Ipv4Address? On)
{
    /// <summary>As the configuration has it: <c>tcp/2222</c>, <c>udp/53 on 192.0.2.10</c>.</summary>
    public override string ToString() => new ForwardedPorts(new(Port.Protocol, Port.Port, Port.Port), On).ToString();
}
