using SoftSwitch.Config.Writing;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>
/// A model to the text of a file that says the same: what it writes, <see cref="ConfigFile"/> reads back to an equal model. Defaults are
/// left out.
/// </summary>
public static class ConfigWriter
{
    public static string Write(SwitchModel model) => YamlText.Of(SwitchKeys.Write(model));
}
