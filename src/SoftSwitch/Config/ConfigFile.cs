using SoftSwitch.Model;

namespace SoftSwitch.Config;

// The way of a configuration: bytes (ConfigText) to nodes with places (YamlReader), to what the user wrote (SwitchReader), held
// together (SwitchCheck) and against what is built (Availability), to the model (ModelCompiler). Each step reports all it
// finds and the next one goes on, but for two: text that is no YAML ends the reading, and a file with a mistake has no model.
// Nothing here touches the machine beyond reading the file: whether an interface exists is found out when it is opened. The one
// thing that a check may be told of the machine, by its caller, is an interface outside that is there and has no address to share.

/// <summary>Reads configurations. Thread-safe; mistakes of the user are results, never exceptions.</summary>
public static class ConfigFile
{
    /// <param name="path">The file.</param>
    /// <param name="haveIpv4">Says of an interface of the machine that will run this whether it has an IPv4 address, null where there is none of that name: <see cref="HostInterfaces.HaveIpv4"/>. Left out: not asked.</param>
    public static ConfigResult Load(string path, Func<string, bool?>? haveIpv4 = null)
    {
        var mistakes = new MistakeList(path);
        return ConfigText.Load(path, mistakes) is { } text ? Parse(text, mistakes, haveIpv4) : ConfigResult.Refused(mistakes);
    }

    /// <param name="name">What mistakes call the file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="haveIpv4">As for <see cref="Load"/>.</param>
    public static ConfigResult Parse(string name, string text, Func<string, bool?>? haveIpv4 = null) => Parse(text, new MistakeList(name), haveIpv4);

    private static ConfigResult Parse(string text, MistakeList mistakes, Func<string, bool?>? haveIpv4)
    {
        if (!ConfigText.Check(ref text, mistakes))
            return ConfigResult.Refused(mistakes);
        var root = YamlReader.Read(text, mistakes, out var complete);
        if (!complete)
            return ConfigResult.Refused(mistakes);
        if (root is not MapNode map)
        {
            if (root is not RefusedNode)
                mistakes.Add(root?.At ?? new(1, 1), root is null ? "the file is empty: write networks: { lan: { mode: internal } }" : "a configuration is a map: write networks: and ports:");
            return ConfigResult.Refused(mistakes);
        }
        var config = new SwitchReader(mistakes).Read(map);
        SwitchCheck.Check(config, mistakes);
        if (haveIpv4 is not null)
            OutsideCheck.CheckMachine(config, haveIpv4, mistakes);
        Availability.Check(config, mistakes);
        return mistakes.Any ? ConfigResult.Refused(mistakes) : ConfigResult.Of(ModelCompiler.Compile(config));
    }
}
