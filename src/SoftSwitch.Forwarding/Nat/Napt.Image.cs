using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <content>
/// The translator's state for the program that goes on with it: which outside port is whose, the flows with all that is known of them, and
/// whom they count for. Networks and their ports are named, for their numbers may be others there.
/// <code>
///   aliases 15 × u32 │ networks: number, name │ ports: network, slot, name │ mappings │ flows
/// </code>
/// What doesn't fit there any more is left out: a flow whose network or port is gone, one with an outside port that is another's. Flows are
/// written as their slots stand, which is nearly the order in which they began. Fragments that wait, what was found out about free ports,
/// and identifications are not carried: nobody notices.
/// </content>
public sealed unsafe partial class Napt
{
    /// <summary>Writes all of it. Other threads may go on translating: what begins or ends meanwhile is there or not.</summary>
    /// <param name="nameOf">The name of a network, by its number; null: it has none.</param>
    /// <param name="portOf">The name of a network's port, by its slot; null: it is gone.</param>
    public void Write(ImageWriter image, Func<int, string?> nameOf, Func<int, ushort, string?> portOf)
    {
        lock (_changing)
        {
            var addresses = _addresses;
            for (var number = 1; number <= MaximumAliases; number++)
                image.Write(addresses[number].Value);
            WriteNames(image, nameOf, portOf);
            WriteMappings(image);
        }
        // A million of them take 72 MB, and as much again each time that the room is doubled.
        image.Expect(int.Min(_flows.Count + SlotsAtOnce, _flows.Touched) * sizeof(FlowImage));
        var place = image.Reserve();
        var count = 0;
        for (var first = 0; first < _flows.Touched; first += SlotsAtOnce)
        {
            lock (_changing)
            {
                for (var number = first; number < int.Min(first + SlotsAtOnce, _flows.Touched); number++)
                {
                    if (!_flows.TryCopy(number, out var flow))
                        continue;
                    image.Write(new FlowImage(flow, _owners.At(_owners.OwnerOf(number))->Key));
                    count++;
                }
            }
        }
        image.Set(place, count);
    }

    /// <summary>Goes on with what was written. The policies of the networks are set, their forwards aren't yet, and nothing is translated
    /// yet.</summary>
    /// <param name="numberOf">The number of a network here; -1: it is gone.</param>
    /// <param name="slotOf">The slot of a network's port here; 0: it is gone.</param>
    /// <returns>Flows that go on, and those that don't.</returns>
    /// <exception cref="InvalidDataException">It isn't whole. What was read counts.</exception>
    public (int Read, int LeftOut) Read(ImageReader image, Func<string, int> numberOf, Func<int, string, ushort> slotOf, Instant now)
    {
        lock (_changing)
        {
            var aliases = new Ipv4Address[MaximumAliases];
            foreach (ref var alias in aliases.AsSpan())
                alias = new(image.Read<uint>());
            _addresses = new(OutsideAddress, aliases);
            var names = ReadNames(image, numberOf, slotOf);
            try
            {
                ReadMappings(image, names);
                var (count, read) = (image.ReadCount(sizeof(FlowImage)), 0);
                _flows.Expect(int.Min(count, _flows.Capacity));
                for (var left = count; left > 0; left--)
                    read += Enter(image.Read<FlowImage>(), names, now) ? 1 : 0;
                return (read, count - read);
            }
            finally
            {
                FreeUnused(now);
            }
        }
    }

    private void WriteNames(ImageWriter image, Func<int, string?> nameOf, Func<int, ushort, string?> portOf)
    {
        (int Number, string Name)[] networks = [.. Enumerable.Range(0, _slots.Length).Where(IsSet)
            .Select(number => (number, nameOf(number))).Where(one => one.Item2 is not null)!];
        image.Write(networks.Length);
        foreach (var (number, name) in networks)
        {
            image.Write(number);
            image.Write(name);
        }
        var ports = new HashSet<(int Policy, ushort Slot)>();
        for (var number = 0; number < _owners.Touched; number++)
        {
            if (_owners.At(number)->Key is not Owner.Nobody and var key && NaptOwner.SlotOf(key) is not 0 and var slot)
                ports.Add((new NaptOwner(key).Policy, slot));
        }
        (int Policy, ushort Slot, string Name)[] named = [.. ports.Select(port => (port.Policy, port.Slot, portOf(port.Policy, port.Slot)))
            .Where(one => one.Item3 is not null)!];
        image.Write(named.Length);
        foreach (var (policy, slot, name) in named)
        {
            image.Write(policy);
            image.Write(slot);
            image.Write(name);
        }
    }

    private static ImageNames ReadNames(ImageReader image, Func<string, int> numberOf, Func<int, string, ushort> slotOf)
    {
        var names = new ImageNames();
        for (var left = image.ReadCount(2 * sizeof(int)); left > 0; left--)
        {
            var number = image.Read<int>();
            names.Add(number, numberOf(image.ReadText()));
        }
        for (var left = image.ReadCount(2 * sizeof(int) + sizeof(ushort)); left > 0; left--)
        {
            var (policy, slot) = (image.Read<int>(), image.Read<ushort>());
            var name = image.ReadText();
            names.Add(policy, slot, names.NumberOf(policy) is >= 0 and var number ? slotOf(number, name) : (ushort)0);
        }
        return names;
    }

    private void WriteMappings(ImageWriter image)
    {
        var place = image.Reserve();
        var count = 0;
        foreach (var (protocol, port) in _mappings.Taken())
        {
            ref var mapping = ref _mappings.At(protocol, port);
            image.Write(new MappingImage(mapping.Inside, port, mapping.Owner, mapping.Kind));
            count++;
        }
        image.Set(place, count);
    }

    private void ReadMappings(ImageReader image, ImageNames names)
    {
        var count = image.ReadCount(sizeof(MappingImage));
        _mappings.Expect(count);
        for (var left = count; left > 0; left--)
        {
            var (inside, port, owner, kind) = image.Read<MappingImage>();
            var (protocol, before) = ((int)inside & 3, MappingTable.PolicyOf(inside));
            var policy = names.NumberOf(before);
            if (policy < 0 || !IsSet(policy) || protocol >= NatProtocol.Count || port == 0
                || _mappings.KindOf(protocol, port) != MappingKind.Free)
                continue;
            inside = MappingTable.Key(new((uint)(inside >> 32)), (ushort)(inside >> 16), policy, protocol);
            if (kind == MappingKind.Forward && protocol != NatProtocol.Icmp)
                _mappings.Forward(port, inside);
            // One that is ending goes: nobody inside keeps it.
            if (kind != MappingKind.Dynamic || _mappings.Find(inside) >= 0
                || names.SlotOf(before, owner) is not (not 0 and var slot)
                || _owners.Acquire(NaptOwner.Of(policy, slot, 0).Key) is not (>= 0 and var number))
                continue;
            _mappings.Assign(port, inside, slot);
            _owners.At(number)->Mappings++;
        }
    }

    private bool Enter(in FlowImage left, ImageNames names, Instant now)
    {
        var content = left.Flow;
        var policy = names.NumberOf(content.Policy);
        if (policy < 0 || !IsSet(policy) || content.Protocol >= NatProtocol.Count || !_flows.HasRoom || AddressOf(content) == default
            || names.KeyOf(left.Owner, policy) is not { } key)
            return false;
        content.Ports = Flow.PackPorts(
            content.InsidePort, content.OutsidePort, content.RemotePort, policy, content.Protocol, content.Alias);
        SetDeltas(ref content);
        (content.Began, content.Inside.Seen, content.Remote.Seen) =
            (Past(content.Began, now), Past(content.Inside.Seen, now), Past(content.Remote.Seen, now));
        var isMapped = (content.State & FlowState.Unmapped) == 0;
        if ((isMapped && !IsOfMapping(content)) || _flows.TryFindOutbound(content.Addresses, content.Ports & Flow.OutboundMask, out _)
            || _flows.TryFindInbound(content.RemoteAddress, content.OutsidePort, content.RemotePort, content.Protocol, out _, content.Alias)
            || _owners.Acquire(key) is not (>= 0 and var number))
            return false;
        var isPeer = isMapped && _slots[policy]!.Policy.Filtering == NaptFiltering.AddressDependent;
        content.State = isPeer ? content.State | FlowState.Peer : content.State & ~FlowState.Peer;
        var own = _owners.At(number);
        own->Flows++;
        if ((content.State & FlowState.FromOutside) != 0)
        {
            own->FlowsFromOutside++;
            WasEverBegunOutside = true;
        }
        if (TryEnter(ref content, number, now, out _))
            return true;
        Unclaim(number, content);
        return false;
    }

    /// <summary>No moment lies ahead: a flow that was seen then would stay until then.</summary>
    private static uint Past(uint moment, Instant now) => (int)(now.Seconds - moment) < 0 ? now.Seconds : moment;

    /// <summary>A mapping that was read leads from its outside port to its inside end.</summary>
    private bool IsOfMapping(in Flow content)
    {
        ref var mapping = ref _mappings.At(content.Protocol, content.OutsidePort);
        return mapping.Kind != MappingKind.Free
            && mapping.Inside == MappingTable.Key(content.InsideAddress, content.InsidePort, content.Policy, content.Protocol);
    }

    /// <summary>A mapping that none of its flows keeps is none.</summary>
    private void FreeUnused(Instant now)
    {
        foreach (var (protocol, port) in _mappings.Taken())
        {
            ref var mapping = ref _mappings.At(protocol, port);
            if (mapping.Kind != MappingKind.Dynamic || mapping.Kept > 0)
                continue;
            Uncount(mapping);
            _mappings.BeginEnding(protocol, port);
            if (mapping.Flows == 0)
                _mappings.Free(protocol, port, now.Seconds);
        }
    }
}
