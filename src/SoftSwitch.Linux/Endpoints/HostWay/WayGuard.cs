using System.Security.Cryptography;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Keeps everybody else from speaking to the host as the guests behind a way to it: what bears the way's address and comes by another
/// interface is dropped. The kernel's own filter of sources (<c>rp_filter</c>) does that only where it is strict, and many hosts need it
/// otherwise; for IPv6 it has none.
/// <para>The table goes with the process. Used by the control loop alone. Needs CAP_NET_ADMIN.</para>
/// </summary>
/// <param name="tap">The way's interface.</param>
internal sealed class WayGuard(string tap) : IDisposable
{
    /// <summary>Before conntrack (NF_IP_PRI_RAW, and the same for IPv6): there what is forged would be part of a connection.</summary>
    public const int BeforeConnections = -300;

    private const string Arrival = "arrival";

    private readonly NftTable _table = new(
        $"softswitch-{tap}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", family: NftFamily.Ipv4);

    /// <summary>Guards an address; once.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Guard(Ipv4Address way) => _table.Commit(_table.Change().AddChain(Arrival, NftStackHook.Arrival, BeforeConnections)
        .AddRule(Arrival, new NftRule().MatchOtherInterface(tap).MatchSource(way).Drop()));

    /// <summary>Has the table stay until the program that goes on in this process has its own.</summary>
    public void Hold(Inheritance heir) => _table.Hold(heir);

    public void Dispose() => _table.Dispose();
}
