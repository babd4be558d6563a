import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/** The analyzer `vi_search` on plain Lucene: base64 texts in, base64 tokens out, one a line. Arguments: the patterns. */
public class ViSearch {
    public static void main(String[] patterns) throws Exception {
        Pattern marks = Pattern.compile(patterns[0]), signs = Pattern.compile(patterns[1]);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        StringBuilder out = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            Reader reader = new PatternReplaceCharFilter(marks, "", new StringReader(text));
            reader = new PatternReplaceCharFilter(signs, " ", reader);
            StandardTokenizer tokenizer = new StandardTokenizer();
            tokenizer.setReader(reader);
            StringJoiner words = new StringJoiner(" ");
            try (TokenStream stream = new ASCIIFoldingFilter(new LowerCaseFilter(tokenizer))) {
                CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
                stream.reset();
                while (stream.incrementToken()) {
                    words.add(term.toString());
                }
                stream.end();
            }
            out.append(Base64.getEncoder().encodeToString(words.toString().getBytes(StandardCharsets.UTF_8))).append('\n');
        }
        System.out.print(out);
    }
}
