using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints.Guest;

/// <summary>
/// Kind <c>guest</c>: QEMU holds the descriptor of a persistent tap, the switch the interface's side with a packet socket. The interface is
/// sealed before it comes up: the host's own stack neither hears nor speaks on it, also when the switch is killed. A tap that is held stays
/// when the switch ends and is adopted at the next start: by its mark and only where no other switch has it, never by its name alone.
/// </summary>
/// <param name="options">Name, interface, MTU; the interface's own MAC, which is not the guest's: QEMU gives the guest one.</param>
/// <param name="owner">Finds the user who may hold the tap without privilege.</param>
public sealed class GuestEndpoint(InterfaceOptions options, Func<uint?> owner) : InterfaceEndpoint(options)
{
    private InterfaceClaim? _claim;
    private PacketPort? _port;

    private protected override bool SendsByQueue => true;

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var adopted = true;
        PacketPort? port = null;
        try
        {
            var name = FindKnown()?.Name ?? InterfaceName;
            // Another switch may have it: then nothing about it is changed.
            var found = PersistentTap.Find(Links, name, Site.Mark);
            if (found is not null)
                _claim = Claim(name, found.Index);
            var link = PersistentTap.AdoptOrCreate(Links, name, owner(), Options.Mac, out adopted, Site.Mark);
            if (link.Index != found?.Index)
            {
                _claim?.Dispose();
                _claim = InterfaceClaim.Take(name, link.Index);
            }
            if (!(adopted && link.IsUp && Seal.IsIntact(Links, link.Index)))
            {
                if (link.IsUp)
                    Links.SetDown(link.Index);
                Close(link.Index, name);
            }
            if (link.Mtu != Options.Mtu)
                Links.SetMtu(link.Index, Options.Mtu);
            // Before the interface comes up: the first frame of a guest that waits already is heard.
            port = PacketPort.Open(Options.Name, Options.Mtu, Site.Workers, InterfaceName, link.Index, new PacketSocketOptions
            {
                SendsTunnels = true,
                Promiscuous = true,
                Inherited = TakeSocket(link.Index),
            });
            Links.SetUp(link.Index);
            return (_port = port, link);
        }
        catch
        {
            port?.Dispose();
            // Not one that somebody else has made in this moment.
            if (!adopted && Links.Find(InterfaceName) is { } made && made.Alias == Site.Mark.Alias)
                PersistentTap.RemoveIfFree(Links, made.Index);
            throw;
        }
    }

    /// <summary>A guest that doesn't read lets its tap's queue fill up: the tap drops, and tells nobody.</summary>
    public override KernelDrops Dropped() => Drops.BehindSocket(_port?.Refused ?? 0);

    public override void Dispose()
    {
        _port = null;
        try
        {
            if (Index != 0)
                PersistentTap.RemoveIfFree(Links, Index);
        }
        catch (SystemCallException)
        {
            // It stays, sealed, as it would for a guest that holds it.
        }
        finally
        {
            base.Dispose();
            _claim?.Dispose();
            _claim = null;
        }
    }

    private protected override void LeaveEnds(Inheritance heir)
    {
        LeaveClaim(heir, _claim);
        _port!.Leave(heir, Key(SocketWord));
    }

    /// <summary>The seal is the switch's promise, whoever takes it off.</summary>
    protected override void Mend(bool isLoss)
    {
        if (Index == 0 || Seal.IsIntact(Links, Index))
            return;
        try
        {
            Close(Index, LatestName);
        }
        catch (SystemCallException)
        {
            // Until it can be sealed the host's stack and the guest don't meet: it is down.
            Links.SetDown(Index);
            throw;
        }
    }

    /// <summary>Seal and mark are put back: without them the next start would take it for another's. So is the MTU: what is longer would
    /// not reach the guest.</summary>
    protected override void Adapt(LinkInfo link)
    {
        if (link.Alias != Site.Mark.Alias)
            Links.SetAlias(link.Index, Site.Mark.Alias);
        PutBack(link, null, Options.Mtu);
        if (!link.GeneratesNoAddress)
            Mend(isLoss: true);
    }

    /// <summary>Seals it, or says why it isn't sealed: a filter that another program has put before ours decides first.</summary>
    private void Close(int index, string name)
    {
        Seal.Apply(Links, index);
        if (!Seal.IsIntact(Links, index))
            throw new SystemCallException("RTM_NEWTFILTER", Errno.EBUSY, $"seal of tap {name}",
                $"filters of another program are in its place; see them with: tc filter show dev {name} ingress, and egress");
    }

    protected override EndpointState StateOf(LinkInfo link) => link switch
    {
        { IsUp: false } => EndpointState.Down,
        { HasCarrier: false } => EndpointState.Waiting,
        _ => EndpointState.Up,
    };
}
