using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfTun;

namespace SoftSwitch.Linux.Endpoints.Guest;

/// <summary>
/// A tap that stays without a holder, so that QEMU can hold it whenever it starts. We hold it only for the moment of a change.
/// Call on a thread in the namespace that the <see cref="Links"/> belong to.
/// </summary>
public static class PersistentTap
{
    /// <summary>
    /// Makes the tap, down, or adopts one that is there: an adopted one keeps its holder and its state. Seal it before it comes up.
    /// </summary>
    /// <param name="links">The interfaces of the calling thread's namespace.</param>
    /// <param name="name">The interface's name.</param>
    /// <param name="owner">The user who may hold it without privilege; null: as it is, for a new one only root.</param>
    /// <param name="mac">The interface's address (not the guest's); one that is held keeps its own; null: as it is, for a new one the
    /// kernel's choice.</param>
    /// <param name="adopted">It was there already.</param>
    /// <exception cref="SystemCallException">The name is taken by something else (EEXIST), or the kernel refused.</exception>
    public static LinkInfo AdoptOrCreate(Links links, string name, uint? owner, MacAddress? mac, out bool adopted)
    {
        InterfaceName.Check(name);
        var existing = links.Find(name);
        adopted = existing is not null;
        if (existing is { Tun: not { IsTap: true, IsPersistent: true } })
            throw new SystemCallException("TUNSETIFF", Errno.EEXIST, $"tap {name}",
                "the name belongs to an interface that is no persistent tap; choose another name");
        // Holding it for a moment would turn away a QEMU that starts just then: only where something must change.
        if (existing is null || !existing.HasCarrier
            && (!existing.Tun!.HasVnetHeader || (owner is not null && existing.Tun.Owner != owner)))
            Configure(name, owner, adopted ? 0 : IFF_TUN_EXCL);
        var link = links.Require(name);
        if (mac is not { } address || link.MacAddress == address || existing is { HasCarrier: true })
            return link;
        links.SetMac(link.Index, address);
        return link with { MacAddress = address };
    }

    /// <summary>Some program holds the descriptor's side, as far as the carrier tells; asking disturbs nobody.</summary>
    public static bool IsHeld(Links links, string name) => links.Find(name) is { HasCarrier: true };

    /// <summary>Removes the persistent tap unless somebody holds it; false: held, so it stays. One that is gone is removed.</summary>
    public static bool RemoveIfFree(Links links, string name)
    {
        if (links.Find(name) is not { Tun: { IsTap: true, IsPersistent: true } })
            return true;
        try
        {
            // Holding it is the question and the answer in one: nobody can come in between.
            using var handle = TapDevice.Attach(name, 0);
            SystemCallException.ThrowIfNegative(
                Libc.ioctl((int)handle.DangerousGetHandle(), TUNSETPERSIST, 0), nameof(TUNSETPERSIST), $"tap {name}");
            return true;
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EBUSY)
        {
            return false;
        }
    }

    private static void Configure(string name, uint? owner, int flags)
    {
        using var handle = TapDevice.Attach(name, flags);
        var fd = (int)handle.DangerousGetHandle();
        if (owner is { } user && Libc.ioctl(fd, TUNSETOWNER, (nint)user) < 0)
            SystemCallException.ThrowLast(nameof(TUNSETOWNER), $"tap {name}", errno => errno == Errno.EINVAL
                ? $"user {user} does not exist in this user namespace; choose another owner" : null);
        SystemCallException.ThrowIfNegative(Libc.ioctl(fd, TUNSETPERSIST, 1), nameof(TUNSETPERSIST), $"tap {name}");
    }
}
