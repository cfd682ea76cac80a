using System.Text;
using System.Text.Json;

namespace Poolhouse.Trials;

/// <summary>What a trial says at its end: one line of JSON.</summary>
static class Report
{
    public static void Write(params (string Name, object Value)[] members)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                json.WritePropertyName(name);
                if (value is string text) json.WriteStringValue(text);
                else json.WriteNumberValue(Convert.ToDouble(value, null));
            }
            json.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(memory.ToArray()));
    }
}
