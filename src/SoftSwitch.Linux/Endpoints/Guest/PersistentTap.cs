using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfTun;

namespace SoftSwitch.Linux.Endpoints.Guest;

/// <summary>A tap that stays without a holder, so that QEMU can hold it whenever it starts. We hold it only for the moment of a change. It
/// bears our <see cref="InterfaceMark"/>, or at least our <see cref="Seal"/>: one without either is somebody else's, whatever its name, and
/// is left as it is. Call on a thread in the namespace that the <see cref="Links"/> belong to.</summary>
public static class PersistentTap
{
    /// <summary>The tap of this name that a switch made before; null: the name is free. One of another state folder is ours only where
    /// nobody holds it, and where a switch runs that has it, its claim says so.</summary>
    /// <exception cref="SystemCallException">The name is somebody else's (EEXIST); the message says whose.</exception>
    public static LinkInfo? Find(Links links, string name, InterfaceMark mark)
    {
        InterfaceName.Check(name);
        if (links.Find(name) is not { } link)
            return null;
        return link.Tun is { IsTap: true, IsPersistent: true } && MayBeTaken(links, link, mark) ? link
            : throw new SystemCallException("TUNSETIFF", Errno.EEXIST, $"tap {name}", NotOurs(links, link));
    }

    /// <summary>Makes the tap, down, or adopts one of ours that is there: an adopted one keeps its holder and its state. Seal it before it
    /// comes up.</summary>
    /// <param name="links">The interfaces of the calling thread's namespace.</param>
    /// <param name="name">The interface's name.</param>
    /// <param name="owner">The user who may hold it without privilege; null: only root. One that is held keeps its own.</param>
    /// <param name="mac">The interface's address (not the guest's); one that is held keeps its own; null: as it is, for a new one the
    /// kernel's choice.</param>
    /// <param name="adopted">It was there already.</param>
    /// <param name="mark">What tells ours from others'.</param>
    /// <exception cref="SystemCallException">The name is taken by something else (EEXIST), or the kernel refused.</exception>
    public static LinkInfo AdoptOrCreate(
        Links links, string name, uint? owner, MacAddress? mac, out bool adopted, InterfaceMark? mark = null)
    {
        mark ??= InterfaceMark.Nameless;
        var existing = Find(links, name, mark);
        // The kernel takes an owner off no tap.
        if (existing is { HasCarrier: false, Tun.Owner: not null } && owner is null && RemoveIfFree(links, existing))
            existing = Find(links, name, mark);
        adopted = existing is not null;
        // Holding it for a moment would turn away a QEMU that starts just then: only where something must change.
        if (existing is null || !existing.HasCarrier
            && (!existing.Tun!.HasVnetHeader || (owner is not null && existing.Tun.Owner != owner)))
            Configure(links, name, owner, adopted ? 0 : IFF_TUN_EXCL, mark);
        var link = links.Require(name);
        if (link.Alias != mark.Alias)
            links.SetAlias(link.Index, mark.Alias);
        if (mac is not { } address || link.MacAddress == address || existing is { HasCarrier: true })
            return link;
        links.SetMac(link.Index, address);
        return link with { MacAddress = address };
    }

    /// <summary>Some program holds the descriptor's side, as far as the carrier tells; asking disturbs nobody.</summary>
    public static bool IsHeld(Links links, string name) => links.Find(name) is { HasCarrier: true };

    /// <summary>Removes the persistent tap unless somebody holds it; false: held, so it stays. One that is gone is removed.</summary>
    public static bool RemoveIfFree(Links links, string name) => links.Find(name) is not { } link || RemoveIfFree(links, link);

    /// <summary>The same for that very tap, whatever its name is now.</summary>
    public static bool RemoveIfFree(Links links, int index) => links.FindByIndex(index) is not { } link || RemoveIfFree(links, link);

    /// <summary>The program that holds a tap of this name which isn't ours, as <c>qemu-system-x86 (pid 812)</c>, or <c>a program</c> where
    /// it can't be seen; null: there is none.</summary>
    public static string? HolderOfOthers(Links links, string name, InterfaceMark mark) =>
        links.Find(name) is { HasCarrier: true, Tun.IsTap: true } link && !mark.IsOurs(link.Alias) && !IsSealedAlone(links, link)
            ? TapHolder.Find(name) ?? "a program" : null;

    /// <summary>A switch that runs has it.</summary>
    public static bool IsTaken(LinkInfo link) => InterfaceClaim.IsTaken(link.Index);

    /// <summary>One that is marked: ours, or nobody holds it; where a switch runs that has it, its claim says so.</summary>
    private static bool MayBeTaken(Links links, LinkInfo link, InterfaceMark mark) => InterfaceMark.Read(link.Alias) is null
        ? IsSealedAlone(links, link) && !InterfaceClaim.IsHeard(link.Index)
        : !link.HasCarrier || mark.IsOurs(link.Alias) || IsTaken(link);

    /// <summary>It bears no mark, but our seal: a switch made it that wrote none yet, or somebody has written over it. Only who may take
    /// over each interface of the namespace can have made the seal.</summary>
    private static bool IsSealedAlone(Links links, LinkInfo link) =>
        InterfaceMark.Read(link.Alias) is null && link.Master == 0 && Seal.IsIntact(links, link.Index);

    private static bool RemoveIfFree(Links links, LinkInfo link)
    {
        if (link.Tun is not { IsTap: true, IsPersistent: true })
            return true;
        try
        {
            // Holding it is the question and the answer in one: nobody can come in between.
            using var handle = TapDevice.Attach(link.Name, 0);
            // A name can be another's by now; what was held is then let go as it was.
            if (links.FindByIndex(link.Index)?.Name != link.Name)
                return false;
            SystemCallException.ThrowIfNegative(
                Libc.ioctl((int)handle.DangerousGetHandle(), TUNSETPERSIST, 0), nameof(TUNSETPERSIST), $"tap {link.Name}");
            links.DeleteMade(link.Index, link.MacAddress);
            return true;
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EBUSY)
        {
            return false;
        }
    }

    /// <summary>A new one stays only when all is as it shall be: it bears its mark before it outlives us.</summary>
    private static void Configure(Links links, string name, uint? owner, int flags, InterfaceMark mark)
    {
        using var handle = TapDevice.Attach(name, flags);
        var fd = (int)handle.DangerousGetHandle();
        if (owner is { } user && Libc.ioctl(fd, TUNSETOWNER, (nint)user) < 0)
            SystemCallException.ThrowLast(nameof(TUNSETOWNER), $"tap {name}", errno => errno == Errno.EINVAL
                ? $"user {user} does not exist in this user namespace; choose another owner" : null);
        links.SetAlias(links.Require(name).Index, mark.Alias);
        SystemCallException.ThrowIfNegative(Libc.ioctl(fd, TUNSETPERSIST, 1), nameof(TUNSETPERSIST), $"tap {name}");
    }

    /// <summary>Whose it is, as far as it shows, and what to do.</summary>
    private static string NotOurs(Links links, LinkInfo link)
    {
        if (link.Tun is { IsTap: true, IsPersistent: false })
            return $"a program that runs made it and has it: it is no persistent tap; choose another name, "
                + "or start that program after the switch";
        if (link.Tun is not { IsTap: true })
            return "the name belongs to an interface that is no persistent tap; choose another name";
        if (IsSealedAlone(links, link))
            return "a switch made it that wrote no mark, and a program listens on it: that switch, if it still runs, or one that captures "
                + "its frames; end that program, and the port has it";
        var maker = InterfaceMark.Read(link.Alias) is null ? "another program"
            : "a switch with another state folder, which has ended,";
        var alias = link.Alias is { } words ? $", its alias is '{string.Concat(words.Where(letter => !char.IsControl(letter)))}'" : "";
        var bridge = link.Master != 0 ? $", it belongs to bridge {links.FindByIndex(link.Master)?.Name ?? "(gone)"}" : "";
        return $"{maker} made it{bridge}{alias}{(link.HasCarrier ? ", a program holds it" : "")}; it stays as it is: "
            + $"choose another name, or {(link.HasCarrier ? "end that program first and then " : "")}remove it: ip link delete {link.Name}";
    }
}
