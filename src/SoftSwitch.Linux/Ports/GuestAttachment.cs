using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Taps;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Ports;

/// <summary>
/// Kind <c>guest</c>: QEMU holds the descriptor of a persistent tap, the switch the interface's side with a packet socket. The interface is sealed before it
/// comes up: the host's own stack neither hears nor speaks on it, also when the switch is killed. A tap that is held stays when the switch ends and is
/// adopted at the next start.
/// </summary>
/// <param name="options">Name, interface, MTU; the interface's own address, which is not the guest's: that QEMU gives it.</param>
/// <param name="owner">The user who may hold the tap without privilege.</param>
public sealed class GuestAttachment(AttachmentOptions options, uint? owner) : Attachment
{
    public override string InterfaceName => options.Interface;

    public override DevicePort Open(int workers)
    {
        Enter(NetworkNamespace.Current());
        var adopted = true;
        try
        {
            var link = PersistentTap.AdoptOrCreate(Links, options.Interface, owner, options.Mac, out adopted);
            if (!(adopted && link.IsUp && Seal.IsIntact(Links, link.Index)))
            {
                if (link.IsUp)
                    Links.SetDown(link.Index);
                Seal.Apply(Links, link.Index);
            }
            if (link.Mtu != options.Mtu)
                Links.SetMtu(link.Index, options.Mtu);
            // Before the interface comes up: the first frame of a guest that waits already is heard.
            var port = PacketPort.Open(options.Name, options.Mtu, workers, options.Interface, link.Index, promiscuous: true);
            try
            {
                Links.SetUp(link.Index);
            }
            catch
            {
                port.Dispose();
                throw;
            }
            Watch(link);
            return port;
        }
        catch
        {
            if (!adopted)
                PersistentTap.RemoveIfFree(Links, options.Interface);
            base.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        try
        {
            if (Namespace is not null && Index != 0)
                PersistentTap.RemoveIfFree(Links, options.Interface);
        }
        catch (SystemCallException)
        {
            // It stays, sealed, as it would for a guest that holds it.
        }
        finally
        {
            base.Dispose();
        }
    }

    protected override LinkState StateOf(LinkInfo link) => link switch
    {
        { IsUp: false } => LinkState.Down,
        { HasCarrier: false } => LinkState.Waiting,
        _ => LinkState.Up,
    };
}
